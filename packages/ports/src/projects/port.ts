export interface Project {
  id: number;
  name: string;
  createdAt: string;
}

export interface Projects {
  create(name: string): Promise<Project>;
  get(id: number): Promise<Project | undefined>;
  list(options: { offset: number; limit: number }): Promise<{ count: number; projects: Project[] }>;
  /** A project's own event map as JSON, replacing the shipped one; undefined = shipped. */
  eventMap(id: number): Promise<unknown>;
  setEventMap(id: number, map: unknown): Promise<void>;
}
