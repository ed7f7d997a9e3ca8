// Holds real answers against src/api/openapi.json.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import addFormats from 'ajv-formats';
import Ajv2020 from 'ajv/dist/2020.js';
import { project } from './portal.mjs';

export const documentFile = join(project, 'src/api/openapi.json');
export const openapi = JSON.parse(readFileSync(documentFile, 'utf8'));

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
addFormats.default(ajv);
ajv.addVocabulary(['components', 'example']);
ajv.addSchema({ $id: 'portal:', components: { schemas: openapi.components.schemas } });

/** What a node of a document is, or refers to. */
export const resolveIn = (document, node) =>
  node?.$ref
    ? node.$ref
        .slice(2)
        .split('/')
        .reduce((at, key) => at[key], document)
    : node;
const resolveReference = (node) => resolveIn(openapi, node);

function assertValid(schema, value, what) {
  const reference = schema.$ref ? { $ref: `portal:${schema.$ref}` } : schema;
  assert.ok(ajv.validate(reference, value), `${what}: ${ajv.errorsText()}\n${JSON.stringify(value).slice(0, 800)}`);
}

function assertHeaders(described, headers, what) {
  for (const [name, node] of Object.entries(described ?? {})) {
    const { required, schema } = resolveReference(node);
    const text = headers[name.toLowerCase()];
    if (text === undefined) assert.ok(!required, `${what}: no ${name}`);
    else assertValid(schema, schema.type === 'integer' ? Number(text) : text, `${what}: ${name}: ${text}`);
  }
}

/** Fails unless the operation describes this answer: its status, headers, media type and body. */
export function assertDescribed(path, answer) {
  const what = `GET ${path} ${answer.status}`;
  const { responses } = openapi.paths[path].get;
  const response = resolveReference(responses[answer.status] ?? responses.default);
  assert.ok(response, `${what} is not described`);
  assertHeaders(response.headers, answer.headers, what);
  const mediaType = answer.headers['content-type']?.split(';')[0];
  if (!response.content) {
    assert.equal(mediaType, undefined, `${what} has no body to have a type`);
    return;
  }
  const content = response.content[mediaType] ?? response.content['*/*'];
  assert.ok(content, `${what}: ${mediaType} is not described`);
  if (mediaType === 'application/json' || mediaType === 'application/problem+json') {
    assertValid(content.schema, answer.json, what);
  }
}

/** `path status` of every answer the document spells out and a healthy portal can be brought to give. */
export function describedAnswers() {
  const faults = new Set(['500', '503', 'default']);
  return Object.entries(openapi.paths).flatMap(([path, { get }]) =>
    Object.keys(get.responses)
      .filter((status) => !faults.has(status))
      .map((status) => `${path} ${status}`),
  );
}
