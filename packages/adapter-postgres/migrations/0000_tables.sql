CREATE TABLE "catalogue_items" (
	"project_id" integer NOT NULL,
	"item_id" text COLLATE "C" NOT NULL,
	"version" integer NOT NULL,
	"removed" boolean NOT NULL,
	"vector_length" integer,
	"item" jsonb NOT NULL,
	CONSTRAINT "catalogue_items_project_id_item_id_pk" PRIMARY KEY("project_id","item_id")
);
--> statement-breakpoint
CREATE TABLE "catalogue_versions" (
	"project_id" integer PRIMARY KEY NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "consumer_offsets" (
	"consumer" text COLLATE "C" PRIMARY KEY NOT NULL,
	"sequence" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "dead_letters" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"app" text NOT NULL,
	"code" text NOT NULL,
	"detail" text NOT NULL,
	"received_at" timestamp(3) with time zone NOT NULL,
	"event_id" text,
	"user_key" text COLLATE "C",
	"anonymous_key" text COLLATE "C",
	"body" text NOT NULL,
	"truncated" boolean NOT NULL,
	"replays" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events" (
	"project_id" integer NOT NULL,
	"event_id" text COLLATE "C" NOT NULL,
	"sequence" bigserial NOT NULL,
	"subject_key" text COLLATE "C" NOT NULL,
	"user_id" text,
	"anonymous_id" text,
	"occurred_at" timestamp(3) with time zone NOT NULL,
	"archived_at" timestamp(3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"item_id" text COLLATE "C",
	"shapes_model" boolean NOT NULL,
	"payload" text NOT NULL,
	CONSTRAINT "events_project_id_event_id_pk" PRIMARY KEY("project_id","event_id")
);
--> statement-breakpoint
CREATE TABLE "erased_events" (
	"project_id" integer NOT NULL,
	"event_hash" "bytea" NOT NULL,
	"until" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "erased_events_project_id_event_hash_pk" PRIMARY KEY("project_id","event_hash")
);
--> statement-breakpoint
CREATE TABLE "identity_links" (
	"project_id" integer NOT NULL,
	"from_key" text COLLATE "C" NOT NULL,
	"to_key" text COLLATE "C" NOT NULL,
	"root_key" text COLLATE "C" NOT NULL,
	"linked_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "identity_links_project_id_from_key_pk" PRIMARY KEY("project_id","from_key")
);
--> statement-breakpoint
CREATE TABLE "tombstones" (
	"project_id" integer NOT NULL,
	"subject_key" text COLLATE "C" NOT NULL,
	"erased_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "tombstones_project_id_subject_key_pk" PRIMARY KEY("project_id","subject_key")
);
--> statement-breakpoint
CREATE TABLE "item_hours" (
	"project_id" integer NOT NULL,
	"hour" integer NOT NULL,
	"item_id" text COLLATE "C" NOT NULL,
	"event_class" text COLLATE "C" NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "item_hours_project_id_hour_item_id_event_class_pk" PRIMARY KEY("project_id","hour","item_id","event_class")
);
--> statement-breakpoint
CREATE TABLE "item_neighbour_tables" (
	"project_id" integer PRIMARY KEY NOT NULL,
	"computed_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "item_neighbours" (
	"project_id" integer NOT NULL,
	"item_id" text COLLATE "C" NOT NULL,
	"neighbours" jsonb NOT NULL,
	CONSTRAINT "item_neighbours_project_id_item_id_pk" PRIMARY KEY("project_id","item_id")
);
--> statement-breakpoint
CREATE TABLE "keys" (
	"id" serial PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"scopes" text[] NOT NULL,
	"source" text,
	"profile" text,
	"prefix" text NOT NULL,
	"hash" text COLLATE "C" NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone,
	"revoked_at" timestamp(3) with time zone,
	"last_used_at" timestamp(3) with time zone,
	CONSTRAINT "keys_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" serial PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"event_map" jsonb
);
--> statement-breakpoint
ALTER TABLE "keys" ADD CONSTRAINT "keys_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "catalogue_items_version" ON "catalogue_items" USING btree ("project_id","version","item_id");--> statement-breakpoint
CREATE INDEX "catalogue_items_vector_length" ON "catalogue_items" USING btree ("project_id","vector_length") WHERE vector_length is not null;--> statement-breakpoint
CREATE INDEX "dead_letters_received" ON "dead_letters" USING btree ("project_id","received_at","id");--> statement-breakpoint
CREATE INDEX "dead_letters_user" ON "dead_letters" USING btree ("project_id","user_key");--> statement-breakpoint
CREATE INDEX "dead_letters_anonymous" ON "dead_letters" USING btree ("project_id","anonymous_key");--> statement-breakpoint
CREATE INDEX "events_subject" ON "events" USING btree ("project_id","subject_key","occurred_at","event_id");--> statement-breakpoint
CREATE INDEX "events_item" ON "events" USING btree ("project_id","item_id","occurred_at") WHERE item_id is not null;--> statement-breakpoint
CREATE INDEX "events_archived" ON "events" USING brin ("archived_at");--> statement-breakpoint
CREATE INDEX "events_sequence" ON "events" USING btree ("sequence");--> statement-breakpoint
CREATE INDEX "erased_events_until" ON "erased_events" USING btree ("until");--> statement-breakpoint
CREATE INDEX "identity_links_root" ON "identity_links" USING btree ("project_id","root_key","from_key");--> statement-breakpoint
CREATE INDEX "identity_links_linked" ON "identity_links" USING btree ("linked_at");--> statement-breakpoint
CREATE INDEX "tombstones_erased" ON "tombstones" USING btree ("erased_at");--> statement-breakpoint
CREATE INDEX "keys_project" ON "keys" USING btree ("project_id","id");