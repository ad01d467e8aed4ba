CREATE TABLE "ab_tests" (
	"id" serial PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"name" text NOT NULL,
	"status" text NOT NULL,
	"control_slot" integer NOT NULL,
	"variant_slot" integer NOT NULL,
	"target_metric_name" text NOT NULL,
	"min_sample_size" integer NOT NULL,
	"confidence_level" double precision NOT NULL,
	"started_at" timestamp(3) with time zone,
	"ended_at" timestamp(3) with time zone,
	"winner_slot" integer,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "answered_calls" (
	"project_id" integer NOT NULL,
	"key" text COLLATE "C" NOT NULL,
	"digest" text NOT NULL,
	"answer" jsonb,
	"created_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "answered_calls_project_id_key_pk" PRIMARY KEY("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "conversions" (
	"experiment_id" uuid NOT NULL,
	"occurred_at" timestamp(3) with time zone NOT NULL,
	"value" double precision NOT NULL,
	"is_bot" boolean NOT NULL,
	"keyed" boolean NOT NULL,
	"metric" text COLLATE "C" NOT NULL,
	"unit" text COLLATE "C" NOT NULL,
	"dedup_key" text COLLATE "C" NOT NULL,
	"user_key" text COLLATE "C" NOT NULL,
	"anonymous_key" text COLLATE "C" NOT NULL,
	CONSTRAINT "conversions_experiment_id_dedup_key_pk" PRIMARY KEY("experiment_id","dedup_key")
);
--> statement-breakpoint
CREATE TABLE "experiments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"name" text NOT NULL,
	"status" text NOT NULL,
	"definition" jsonb NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"started_at" timestamp(3) with time zone,
	"stopped_at" timestamp(3) with time zone
);
--> statement-breakpoint
CREATE TABLE "exposures" (
	"experiment_id" uuid NOT NULL,
	"first_exposed_at" timestamp(3) with time zone NOT NULL,
	"variation_index" integer NOT NULL,
	"lo" integer NOT NULL,
	"hi" integer NOT NULL,
	"is_bot" boolean NOT NULL,
	"unit" text COLLATE "C" NOT NULL,
	"user_key" text COLLATE "C" NOT NULL,
	"anonymous_key" text COLLATE "C" NOT NULL,
	"flipped_in" text,
	CONSTRAINT "exposures_experiment_id_unit_pk" PRIMARY KEY("experiment_id","unit")
);
--> statement-breakpoint
CREATE TABLE "slot_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"slot_id" integer NOT NULL,
	"occurred_at" timestamp(3) with time zone NOT NULL,
	"stored_at" timestamp(3) with time zone NOT NULL,
	"value" double precision,
	"is_bot" boolean NOT NULL,
	"keyed" boolean NOT NULL,
	"event_type" text NOT NULL,
	"user_id" text COLLATE "C" NOT NULL,
	"item_id" text COLLATE "C" NOT NULL,
	"request_id" text COLLATE "C",
	"metadata" text COLLATE "C" NOT NULL,
	"dedup_key" text COLLATE "C" NOT NULL,
	"user_key" text COLLATE "C" NOT NULL,
	"anonymous_key" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "tombstones" ADD COLUMN "experiments" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "ab_tests" ADD CONSTRAINT "ab_tests_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "experiments" ADD CONSTRAINT "experiments_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ab_tests_project" ON "ab_tests" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "answered_calls_created" ON "answered_calls" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "conversions_user" ON "conversions" USING btree ("user_key");--> statement-breakpoint
CREATE INDEX "conversions_anonymous" ON "conversions" USING btree ("anonymous_key");--> statement-breakpoint
CREATE INDEX "experiments_project" ON "experiments" USING btree ("project_id","created_at","id");--> statement-breakpoint
CREATE INDEX "exposures_user" ON "exposures" USING btree ("user_key");--> statement-breakpoint
CREATE INDEX "exposures_anonymous" ON "exposures" USING btree ("anonymous_key");--> statement-breakpoint
CREATE UNIQUE INDEX "slot_events_key" ON "slot_events" USING btree ("project_id","dedup_key");--> statement-breakpoint
CREATE INDEX "slot_events_slot" ON "slot_events" USING btree ("slot_id","event_type","occurred_at");--> statement-breakpoint
CREATE INDEX "slot_events_user" ON "slot_events" USING btree ("user_key");--> statement-breakpoint
CREATE INDEX "slot_events_anonymous" ON "slot_events" USING btree ("anonymous_key");