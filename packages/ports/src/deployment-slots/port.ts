import type { Rows, RowsRequest } from "../model-catalogue/port.ts";

/** A place of a project that a trained model answers from. Times are ISO 8601 UTC. */
export interface DeploymentSlot {
  id: number;
  project_id: number;
  name: string;
  trained_model_id: number;
  /** 0..100, relative to the other slots; 0 = never chosen. */
  weight: number;
  is_active: boolean;
  /**
   * True: it answers nobody. `weight` percent of the requests of the project are put to it as well,
   * to be compared with what was served.
   */
  is_shadow: boolean;
  /** Number of the slot in its project, from 0; given once and never again. */
  variation_index: number;
  created_at: string;
  updated_at: string;
}

export interface NewDeploymentSlot {
  project_id: number;
  name: string;
  trained_model_id: number;
  weight: number;
  is_active: boolean;
  /** Absent = false. */
  is_shadow?: boolean;
}

/** How a shadow goes live: with this weight, these other slots of its project switched off. */
export interface SlotPromotion {
  weight: number;
  switch_off: readonly number[];
}

export type SlotChanges = Partial<Omit<NewDeploymentSlot, "project_id">>;

/** `sticky`: a user's slot follows from the seed. `random`: each request draws. */
export type RoutingMode = "sticky" | "random";

/** All a gateway needs to route a project's requests. */
export interface SlotRouting {
  project_id: number;
  /** Part of every hash of a user; made once a project and stored. */
  seed: string;
  mode: RoutingMode;
  /** Active slots with a weight above 0 that answer, in the order of their ids. */
  slots: DeploymentSlot[];
  /** Active shadows with a weight above 0, in the order of their ids. */
  shadows: DeploymentSlot[];
}

/**
 * Deployment slots of all projects. A removed slot is gone from every answer but `ownerOf`, its
 * numbers stay taken.
 */
export interface DeploymentSlots {
  /** Throws RefusedError: unknown project, a model that is not the project's, a weight out of range. */
  create(slot: NewDeploymentSlot): Promise<DeploymentSlot>;
  get(id: number): Promise<DeploymentSlot | undefined>;
  /** Project of a slot, also of a removed one: its late events are still the project's. */
  ownerOf(id: number): Promise<number | undefined>;
  /** In the order of their ids. */
  list(request: RowsRequest & { is_active?: boolean }): Promise<Rows<DeploymentSlot>>;
  /** Throws RefusedError as `create`; undefined when there is no such slot. */
  update(id: number, changes: SlotChanges): Promise<DeploymentSlot | undefined>;
  /**
   * A shadow answers from now on: both changes or none.
   * @throws RefusedError it is no shadow, or one of the others is none of its project's slots.
   */
  promote(id: number, promotion: SlotPromotion): Promise<DeploymentSlot | undefined>;
  remove(id: number): Promise<boolean>;
  /** Undefined while the project has never had a slot. */
  routing(projectId: number): Promise<SlotRouting | undefined>;
  /** Undefined while the project has never had a slot. */
  setMode(projectId: number, mode: RoutingMode): Promise<SlotRouting | undefined>;
  check(): Promise<void>;
}
