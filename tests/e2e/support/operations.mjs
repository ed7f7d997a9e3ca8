// What an OpenAPI document says of each operation: who may call it, and a target that is there.

const methods = ['get', 'head', 'put', 'patch', 'post', 'delete'];

/** Every operation: `{method, path, parameters, requirements}`; any one of the requirements will do. */
export function operationsOf(document) {
  const resolved = (node) =>
    node.$ref
      ? node.$ref
          .slice(2)
          .split('/')
          .reduce((at, key) => at[key], document)
      : node;
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods
      .filter((method) => item[method])
      .map((method) => ({
        method: method.toUpperCase(),
        path,
        parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])]
          .map(resolved)
          .filter((parameter) => parameter.in === 'path'),
        requirements: (item[method].security ?? document.security).map(requirement),
      })),
  );
}

function requirement(node) {
  const schemes = Object.keys(node);
  if (schemes.length > 1) throw new Error(`two schemes at once: ${schemes}`);
  return { scheme: schemes[0], scopes: node[schemes[0]] ?? [] };
}

/** Whether anybody at all may call it. */
export const isOpen = ({ requirements }) =>
  requirements.length === 0 || requirements.some(({ scheme }) => scheme === undefined);

/** Whether a token with these scopes is enough. */
export const isEnough = ({ requirements }, scopes) =>
  requirements
    .filter(({ scheme }) => scheme === 'bearer')
    .some((each) => each.scopes.length === 0 || each.scopes.some((scope) => scopes.includes(scope)));

/**
 * The path with its parameters' values: from `known` by name, with a more exact name (`path parameter`) first, else
 * what the document gives as the parameter's first value or example.
 */
export function targetOf({ path, parameters }, known) {
  return path.replaceAll(/\{(\w+)\}/g, (_, name) => {
    const described = parameters.find((parameter) => parameter.name === name);
    const value = known[`${path} ${name}`] ?? known[name] ?? described?.schema?.enum?.[0] ?? described?.example;
    if (value === undefined) throw new Error(`${path}: nobody says what {${name}} could be; give it an example`);
    return encodeURIComponent(value);
  });
}
