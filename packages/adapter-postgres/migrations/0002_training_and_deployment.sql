CREATE TABLE "deployment_slots" (
	"id" serial PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"name" text NOT NULL,
	"trained_model_id" integer NOT NULL,
	"weight" double precision NOT NULL,
	"is_active" boolean NOT NULL,
	"variation_index" integer NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"removed_at" timestamp(3) with time zone,
	CONSTRAINT "deployment_slots_variation" UNIQUE("project_id","variation_index")
);
--> statement-breakpoint
CREATE TABLE "model_configurations" (
	"id" serial PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"kind" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "model_configurations_name" UNIQUE("project_id","name")
);
--> statement-breakpoint
CREATE TABLE "retraining_schedules" (
	"id" serial PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"trained_model_id" integer NOT NULL,
	"cron_expression" text NOT NULL,
	"is_enabled" boolean NOT NULL,
	"spec" jsonb NOT NULL,
	"next_run_at" timestamp(3) with time zone,
	"last_run_id" integer,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "slot_routings" (
	"project_id" integer PRIMARY KEY NOT NULL,
	"seed" text NOT NULL,
	"mode" text NOT NULL,
	"next_variation" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "trained_model_versions" (
	"trained_model_id" integer NOT NULL,
	"version" integer NOT NULL,
	"project_id" integer NOT NULL,
	"kind" text NOT NULL,
	"file" text NOT NULL,
	"sha256" text NOT NULL,
	"bytes" bigint NOT NULL,
	"parameters" jsonb NOT NULL,
	"metrics" jsonb NOT NULL,
	"data_rows" integer NOT NULL,
	"data_digest" text NOT NULL,
	"data_from" timestamp(3) with time zone,
	"data_to" timestamp(3) with time zone,
	"git_version" text,
	"training_run_id" integer,
	"created_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "trained_model_versions_trained_model_id_version_pk" PRIMARY KEY("trained_model_id","version")
);
--> statement-breakpoint
CREATE TABLE "trained_models" (
	"id" serial PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"kind" text NOT NULL,
	"version" integer,
	"last_version" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"removed_at" timestamp(3) with time zone
);
--> statement-breakpoint
CREATE TABLE "training_data" (
	"id" serial PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"filename" text NOT NULL,
	"columns" text[] NOT NULL,
	"rows" integer DEFAULT 0 NOT NULL,
	"users" integer DEFAULT 0 NOT NULL,
	"items" integer DEFAULT 0 NOT NULL,
	"digest" text,
	"data_from" timestamp(3) with time zone,
	"data_to" timestamp(3) with time zone,
	"created_at" timestamp(3) with time zone NOT NULL,
	"touched_at" timestamp(3) with time zone NOT NULL,
	"stored_at" timestamp(3) with time zone
);
--> statement-breakpoint
CREATE TABLE "training_data_blocks" (
	"training_data_id" integer NOT NULL,
	"sequence" integer NOT NULL,
	"block" "bytea" NOT NULL,
	CONSTRAINT "training_data_blocks_training_data_id_sequence_pk" PRIMARY KEY("training_data_id","sequence")
);
--> statement-breakpoint
CREATE TABLE "training_run_logs" (
	"training_run_id" integer NOT NULL,
	"sequence" integer NOT NULL,
	"logged_at" timestamp(3) with time zone NOT NULL,
	"level" text NOT NULL,
	"message" text NOT NULL,
	CONSTRAINT "training_run_logs_training_run_id_sequence_pk" PRIMARY KEY("training_run_id","sequence")
);
--> statement-breakpoint
CREATE TABLE "training_runs" (
	"id" serial PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"trained_model_id" integer NOT NULL,
	"trigger" text NOT NULL,
	"retraining_schedule_id" integer,
	"spec" jsonb NOT NULL,
	"status" text NOT NULL,
	"progress" double precision DEFAULT 0 NOT NULL,
	"stage" text,
	"attempt" integer DEFAULT 0 NOT NULL,
	"worker" text,
	"token" text,
	"lease_until" timestamp(3) with time zone,
	"checkpoint" jsonb,
	"version" integer,
	"metrics" jsonb NOT NULL,
	"data_rows" integer,
	"data_digest" text,
	"error_code" text,
	"error" text,
	"created_at" timestamp(3) with time zone NOT NULL,
	"started_at" timestamp(3) with time zone,
	"heartbeat_at" timestamp(3) with time zone,
	"finished_at" timestamp(3) with time zone
);
--> statement-breakpoint
ALTER TABLE "deployment_slots" ADD CONSTRAINT "deployment_slots_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployment_slots" ADD CONSTRAINT "deployment_slots_trained_model_id_trained_models_id_fk" FOREIGN KEY ("trained_model_id") REFERENCES "public"."trained_models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_configurations" ADD CONSTRAINT "model_configurations_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retraining_schedules" ADD CONSTRAINT "retraining_schedules_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retraining_schedules" ADD CONSTRAINT "retraining_schedules_trained_model_id_trained_models_id_fk" FOREIGN KEY ("trained_model_id") REFERENCES "public"."trained_models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slot_routings" ADD CONSTRAINT "slot_routings_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trained_model_versions" ADD CONSTRAINT "trained_model_versions_trained_model_id_trained_models_id_fk" FOREIGN KEY ("trained_model_id") REFERENCES "public"."trained_models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trained_models" ADD CONSTRAINT "trained_models_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_data" ADD CONSTRAINT "training_data_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_data_blocks" ADD CONSTRAINT "training_data_blocks_training_data_id_training_data_id_fk" FOREIGN KEY ("training_data_id") REFERENCES "public"."training_data"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_run_logs" ADD CONSTRAINT "training_run_logs_training_run_id_training_runs_id_fk" FOREIGN KEY ("training_run_id") REFERENCES "public"."training_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_runs" ADD CONSTRAINT "training_runs_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "training_runs" ADD CONSTRAINT "training_runs_trained_model_id_trained_models_id_fk" FOREIGN KEY ("trained_model_id") REFERENCES "public"."trained_models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deployment_slots_model" ON "deployment_slots" USING btree ("trained_model_id");--> statement-breakpoint
CREATE INDEX "retraining_schedules_next" ON "retraining_schedules" USING btree ("next_run_at");--> statement-breakpoint
CREATE UNIQUE INDEX "trained_models_name" ON "trained_models" USING btree ("project_id","name") WHERE removed_at is null;--> statement-breakpoint
CREATE INDEX "training_data_project" ON "training_data" USING btree ("project_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "training_runs_running" ON "training_runs" USING btree ("project_id") WHERE status = 'RUNNING';--> statement-breakpoint
CREATE INDEX "training_runs_open" ON "training_runs" USING btree ("id") WHERE status in ('PENDING', 'RUNNING');--> statement-breakpoint
CREATE INDEX "training_runs_project" ON "training_runs" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "training_runs_model" ON "training_runs" USING btree ("trained_model_id","id");--> statement-breakpoint
CREATE INDEX "keys_legacy_prefix" ON "keys" USING btree ("prefix") WHERE hash ~ '^(django_)?pbkdf2_sha256[$]';