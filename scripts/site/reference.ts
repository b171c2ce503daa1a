import { posix } from "node:path";
import type { CompiledSource, SourceNode, Words } from "./compiled";
import { analyse, solidityBelow } from "./compiled";
import { contractDocuments } from "./natspec";
import type { ContractDocument, Entry } from "./natspec";
import { fence, slug } from "./text";

/** Rooms that are no part of what others call: examples, probes of a deployment, stand-ins, what only tests use. */
const NOT_REFERRED_TO = ["deployment/", "examples/", "replica/", "test/"];
const KINDS = [
  ["function", "Functions", "selector"],
  ["event", "Events", "topic"],
  ["error", "Errors", "selector"],
] as const;

export const REFERENCE = "reference";

export interface ReferencePage {
  /** Where it would stand in the repository. */
  readonly path: string;
  readonly title: string;
  readonly group: string;
  readonly markdown: string;
}

export interface Reference {
  readonly documents: readonly ContractDocument[];
  readonly pages: readonly ReferencePage[];
}

/** The manual of every interface and contract, from the compiler's reading of the sources. */
export async function readReference(): Promise<Reference> {
  const documents = contractDocuments(await analyse(solidityBelow("contracts", NOT_REFERRED_TO)));
  const interfaces = documents.filter(({ kind }) => kind === "interface");
  const pages = documents.map((document) => ({
    path: `${REFERENCE}/${document.name}.md`,
    title: document.name,
    group: document.kind === "interface" ? "Interfaces" : "Contracts",
    markdown: pageOf(document, interfaces),
  }));
  const index = { path: `${REFERENCE}/README.md`, title: "Contract reference", group: "Interfaces" };
  return { documents, pages: [{ ...index, markdown: indexOf(documents) }, ...pages] };
}

function indexOf(documents: readonly ContractDocument[]): string {
  const list = (kind: ContractDocument["kind"]) =>
    documents.filter((document) => document.kind === kind).map((it) => `- [${it.name}](${it.name}.md): ${summary(it)}`);
  return [
    "# Contract reference",
    "Made from the contracts' own documentation by the compiler. Import interfaces only; a contract's page has its constructor, what it adds, and where the rest is declared.",
    "## Interfaces",
    list("interface").join("\n"),
    "## Contracts",
    list("contract").join("\n"),
  ].join("\n\n");
}

function summary({ notes }: ContractDocument): string {
  return notes.notice ?? notes.title ?? "";
}

function pageOf(document: ContractDocument, interfaces: readonly ContractDocument[]): string {
  const { name, kind, source, bases, notes, constructorDeclaration } = document;
  const known = interfaces.filter(({ name: base }) => bases.includes(base));
  const others = bases.filter((base) => !known.some((it) => it.name === base));
  const isOwn = kind === "interface";
  return [
    `# ${name}`,
    ...paragraphs([notes.title, notes.notice, notes.details]),
    `Declared in [${source.path}](${posix.relative(REFERENCE, source.path)}).`,
    ...(known.length > 0 ? [`Is ${known.map((it) => `[${it.name}](${it.name}.md)`).join(", ")}.`] : []),
    ...(!isOwn && others.length > 0 ? [`Built on ${others.map((base) => `\`${base}\``).join(", ")}.`] : []),
    ...(constructorDeclaration ? ["## Constructor", fence("solidity", constructorDeclaration)] : []),
    ...KINDS.flatMap(([of, title, id]) => sectionOf(document, { of, title, id }, isOwn ? known : interfaces, known)),
    ...(isOwn ? typesOf(source) : []),
  ].join("\n\n");
}

interface Section {
  readonly of: Entry["kind"];
  readonly title: string;
  readonly id: string;
}

/** Entries in full; those that an interface declares as links to it. */
function sectionOf(
  { entries }: ContractDocument,
  { of, title, id }: Section,
  declaring: readonly ContractDocument[],
  known: readonly ContractDocument[],
): string[] {
  const own: Entry[] = [];
  const linked = new Map<string, string[]>();
  for (const entry of entries.filter(({ kind }) => kind === of)) {
    // A function of the same name elsewhere is another; an error or an event is the same wherever it is declared.
    const places = of === "function" ? known : declaring;
    const holding = places.filter((it) => it.entries.some((each) => each.kind === of && each.id === entry.id));
    // Of an interface and another that it is built on, the latter declares it.
    const place = holding.find(({ bases }) => !holding.some((it) => bases.includes(it.name)));
    if (place === undefined) own.push(entry);
    else
      linked.set(place.name, [
        ...(linked.get(place.name) ?? []),
        `[${entry.name}](${place.name}.md#${anchorOf(entry)})`,
      ]);
  }
  if (own.length + linked.size === 0) return [];
  return [
    `## ${title}`,
    ...[...linked].map(([place, links]) => `Of [${place}](${place}.md): ${links.join(", ")}.`),
    ...own.flatMap((entry) => entryOf(entry, id)),
  ];
}

function entryOf(entry: Entry, id: string): string[] {
  const { name, declaration, words } = entry;
  return [
    `### ${headingOf(entry)}`,
    fence("solidity", declaration),
    ...paragraphs([words.notice, words.details]),
    ...listed(words),
    `${id[0].toUpperCase()}${id.slice(1)} of \`${name}\`: \`${entry.id}\``,
  ];
}

/** Overloads and namesakes of another kind are told apart by what they take. */
function headingOf({ kind, name, signature }: Entry): string {
  return kind === "function" ? `\`${signature}\`` : `\`${name}\``;
}

function anchorOf(entry: Entry): string {
  return slug(headingOf(entry));
}

function listed({ params = {}, returns = {}, return: returned }: Words): string[] {
  const lines = [
    ...Object.entries(params).map(([name, text]) => `- \`${name}\`: ${text}`),
    ...Object.entries(returns).map(([name, text]) => `- returns${/^_\d+$/.test(name) ? "" : ` \`${name}\``}: ${text}`),
    ...(returned === undefined ? [] : [`- returns: ${returned}`]),
  ];
  return lines.length > 0 ? [lines.join("\n")] : [];
}

/** The compiler joins lines: items of lists are put on lines of their own again. */
function paragraphs(texts: readonly (string | undefined)[]): string[] {
  return texts
    .filter((text) => text !== undefined)
    .map((text) => text.replace(/([:;.,]) - (?=\S)/g, "$1\n- ").replace(/([:;]) (\d)\. (?=\S)/g, "$1\n$2. "));
}

/** Structs, enums and types of value that an interface's file declares, with what is said of them there. */
function typesOf({ nodes, text }: CompiledSource): string[] {
  const bytes = Buffer.from(text);
  const slice = (src: string) => {
    const [start, length] = src.split(":").map(Number);
    return bytes.subarray(start, start + length).toString();
  };
  const isType = ({ nodeType }: SourceNode) =>
    ["StructDefinition", "EnumDefinition", "UserDefinedValueTypeDefinition"].includes(nodeType);
  const found = nodes.flatMap((node) => [node, ...(node.nodes ?? [])]).filter(isType);
  if (found.length === 0) return [];
  return [
    "## Types",
    ...found.flatMap(({ name, src, documentation }) => [
      `### ${name}`,
      fence("solidity", [...(documentation ? [slice(documentation.src)] : []), slice(src)].join("\n")),
    ]),
  ];
}
