export * from "./sample-catalogue/sample-catalogue.ts";
