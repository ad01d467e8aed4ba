ALTER TABLE "tombstones" ADD COLUMN "removed_at" timestamp(3) with time zone;--> statement-breakpoint
UPDATE "tombstones" SET "removed_at" = "erased_at";--> statement-breakpoint
ALTER TABLE "tombstones" ALTER COLUMN "removed_at" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "tombstones" ADD COLUMN "archive" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tombstones" ADD COLUMN "dead_letters" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tombstones" ADD COLUMN "had_buffer" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "tombstones" ADD COLUMN "had_model" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "tombstones" ADD COLUMN "ids" text[];