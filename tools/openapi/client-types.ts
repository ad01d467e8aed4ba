import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";

const BANNER = "// Made by `pnpm generate` from the OpenAPI document. Do not edit.\n";

/**
 * TypeScript types of an OpenAPI 3.1 document, as openapi-fetch reads them.
 * @returns text of a module that exports `paths`.
 */
export async function clientTypes(document: object): Promise<string> {
  const nodes = await openapiTS(document as OpenAPI3, { alphabetize: false });
  return `${BANNER}\n${astToString(nodes)}`;
}
