CREATE TABLE "project_rankings" (
	"project_id" integer PRIMARY KEY NOT NULL,
	"ranking" jsonb NOT NULL,
	"experiment_id" uuid,
	"variation_index" integer,
	"updated_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "serving_changes" (
	"id" serial PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"trained_model_id" integer NOT NULL,
	"changed_at" timestamp(3) with time zone NOT NULL,
	"cause" text NOT NULL,
	"from_version" integer,
	"to_version" integer,
	"training_run_id" integer,
	"key_id" integer
);
--> statement-breakpoint
ALTER TABLE "deployment_slots" ADD COLUMN "is_shadow" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "project_rankings" ADD CONSTRAINT "project_rankings_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "serving_changes" ADD CONSTRAINT "serving_changes_trained_model_id_trained_models_id_fk" FOREIGN KEY ("trained_model_id") REFERENCES "public"."trained_models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "serving_changes_model" ON "serving_changes" USING btree ("trained_model_id","id");