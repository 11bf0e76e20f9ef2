// Prints what GitHub's own parser says against workflow files, one problem a line.
import { readFileSync } from "node:fs";
import { register } from "node:module";
import { pathToFileURL } from "node:url";

// The package is made for bundlers, which import JSON as they import anything else.
const json = `
import { readFileSync } from "node:fs";
export async function load(url, context, next) {
  if (!url.endsWith(".json")) return next(url, context);
  const source = "export default " + readFileSync(new URL(url), "utf-8");
  return { format: "module", shortCircuit: true, source };
}`;
register(`data:text/javascript,${encodeURIComponent(json)}`);

const [folder, ...files] = process.argv.slice(2);
const found = `${folder}/node_modules/@actions/workflow-parser/dist/index.js`;
const { parseWorkflow, NoOperationTraceWriter, convertWorkflowTemplate } = await import(
  pathToFileURL(found)
);
let count = 0;
for (const name of files) {
  const parsed = parseWorkflow(
    { name, content: readFileSync(name, "utf-8") },
    new NoOperationTraceWriter(),
  );
  const template = parsed.value && (await convertWorkflowTemplate(parsed.context, parsed.value));
  const problems = [...parsed.context.errors.getErrors(), ...(template?.errors ?? [])];
  for (const problem of problems) console.log(`${name}: ${problem.message ?? problem.Message}`);
  count += template?.jobs?.length ?? 0;
}
console.log(`${count} jobs in ${files.length} files`);
