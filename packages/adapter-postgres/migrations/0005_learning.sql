CREATE TABLE "learners" (
	"project_id" integer PRIMARY KEY NOT NULL,
	"policy" jsonb NOT NULL,
	"sums" jsonb NOT NULL,
	"decisions" integer NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "served_lists" (
	"project_id" integer NOT NULL,
	"request_id" text COLLATE "C" NOT NULL,
	"mode" text,
	"occurred_at" timestamp(3) with time zone NOT NULL,
	"user_key" text COLLATE "C" NOT NULL,
	"anonymous_key" text COLLATE "C" NOT NULL,
	"decision" jsonb,
	"outcomes" jsonb NOT NULL,
	CONSTRAINT "served_lists_project_id_request_id_pk" PRIMARY KEY("project_id","request_id")
);
--> statement-breakpoint
CREATE INDEX "served_lists_newest" ON "served_lists" USING btree ("project_id","occurred_at","request_id");--> statement-breakpoint
CREATE INDEX "served_lists_occurred" ON "served_lists" USING btree ("occurred_at");--> statement-breakpoint
CREATE INDEX "served_lists_user" ON "served_lists" USING btree ("user_key");--> statement-breakpoint
CREATE INDEX "served_lists_anonymous" ON "served_lists" USING btree ("anonymous_key");