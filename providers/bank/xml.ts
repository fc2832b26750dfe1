/**
 * XML as banks write it, and nothing beyond: one root, every element ended by its own tag, no DOCTYPE and with that no
 * entities of the file's own. Nothing is looked up and nothing grows. What is not understood to the last sign is refused.
 */
import { Parser } from 'htmlparser2';
import { broken } from './broken';

export interface XmlElement {
	/** Without a prefix. */
	name: string;
	/** `Ntfctn[2]/Ntry[3]/Amt`: with a number where there are several of the name. */
	path: string;
	line: number;
	/** Of this element alone, trimmed. */
	text: string;
	attributes: Readonly<Record<string, string>>;
	children: XmlElement[];
}

const DEEPEST = 60;
const LONGEST_TEXT = 10_000;

export interface XmlReader {
	/** Gets the root as soon as it has begun, still empty. */
	begins?(root: XmlElement): void;
	/** Gets every element of these names when it has ended; it is not kept in the tree then. */
	each?: Record<string, (element: XmlElement) => void>;
}

interface Open extends XmlElement {
	/** As the file has it, with its prefix. */
	tag: string;
	counts: Map<string, number>;
	/** `<a/>`: its end is its beginning's. */
	whole: boolean;
}

/**
 * @throws {StepProblem} naming the line and, where there is one, the element
 */
export function readXml(bytes: Uint8Array, { begins, each = {} }: XmlReader = {}): XmlElement {
	const text = decoded(bytes);
	const lineAt = lineCounter(text);
	const stack: Open[] = [];
	let root: XmlElement | undefined;
	/** The last sign that was read: whatever the parser lets drop stands between it and the next. */
	let last = -1;
	const where = () => {
		const open = stack.at(-1);
		const line = lineAt(parser.startIndex);
		return open ? `${open.path || open.name} (line ${line})` : `Line ${line}`;
	};
	const seen = (what: string) => {
		if (parser.startIndex > last + 1) throw broken(where(), `${what} follows on something that is no XML`);
		last = Math.max(last, parser.endIndex);
	};
	const raw = () => text.slice(parser.startIndex, parser.endIndex + 1);

	const parser = new Parser(
		{
			onprocessinginstruction(name) {
				seen('an instruction');
				if (name.startsWith('!')) throw broken(where(), 'the file has a DOCTYPE, which no bank writes');
				// The parser ends it one sign early.
				last += 1;
			},
			oncomment() {
				seen('a comment');
			},
			onopentag(tag, attributes) {
				seen('an element');
				if (!START_TAG.test(raw())) throw broken(where(), 'a tag is not written as XML asks for');
				const parent = stack.at(-1);
				if (!parent && root) throw broken(where(), 'the file has more than one root');
				if (stack.length >= DEEPEST) throw broken(where(), 'elements lie deeper than in any bank file');
				const name = local(tag);
				const nth = parent ? (parent.counts.get(name) ?? 0) + 1 : 1;
				parent?.counts.set(name, nth);
				const own = REPEATED.has(name) ? `${name}[${nth}]` : name;
				const open: Open = {
					tag,
					name,
					// The root and the message in it are the same in every file.
					path: stack.length < 2 ? '' : parent?.path ? `${parent.path}/${own}` : own,
					line: lineAt(parser.startIndex),
					text: '',
					attributes,
					children: [],
					counts: new Map(),
					whole: raw().endsWith('/>'),
				};
				stack.push(open);
				if (!parent) begins?.(open);
			},
			ontext(part) {
				seen('text');
				const open = stack.at(-1);
				const written = raw();
				const isCdata = written.startsWith('<![CDATA[');
				if (!isCdata && written === part && part.includes('&'))
					throw broken(where(), "there is an '&' that is none of XML's own five entities");
				if (!isCdata && written.includes('<')) throw broken(where(), "there is a '<' that begins no tag");
				if (!open) {
					if (part.trim() !== '' && part !== '\uFEFF')
						throw broken(where(), 'there is text outside the root');
					return;
				}
				// Blanks between elements are no text of theirs, however many elements there are.
				if (open.text === '' && part.trim() === '') return;
				open.text += part;
				if (open.text.length > LONGEST_TEXT)
					throw broken(where(), 'the text is longer than in any bank file');
			},
			onclosetag(tag, implied) {
				seen('an end');
				const open = stack.pop();
				if (!open) return;
				const { counts: _counts, tag: opened, whole, ...element } = open;
				const written = raw();
				if (!whole && (implied || !endsWith(written, opened)))
					throw broken(
						`${element.path || element.name} (line ${element.line})`,
						'the element has no end: the file is cut off, or not XML',
					);
				element.text = element.text.trim();
				const parent = stack.at(-1);
				if (!parent) root = element;
				else if (each[element.name]) each[element.name]?.(element);
				else parent.children.push(element);
			},
		},
		{ xmlMode: true, decodeEntities: true },
	);
	parser.end(text);
	if (!root) throw broken('Line 1', 'the file is no XML');
	if (last < text.length - 1) throw broken(`Line ${lineAt(text.length)}`, 'the file ends in the middle');
	return root;
}

const START_TAG = /^<[A-Za-z_][\w.:-]*(\s+[A-Za-z_][\w.:-]*\s*=\s*("[^"<]*"|'[^'<]*'))*\s*\/?>$/;
/** What is told apart by its number in messages. */
const REPEATED = new Set(['Ntfctn', 'Ntry', 'NtryDtls', 'TxDtls', 'Strd']);
const local = (tag: string) => tag.slice(tag.indexOf(':') + 1);
const endsWith = (written: string, tag: string) =>
	written.startsWith(`</${tag}`) && written.slice(tag.length + 2).trim() === '>';

function decoded(bytes: Uint8Array): string {
	const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
	const named = /^(?:\u00ef\u00bb\u00bf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']/.exec(start)?.[1];
	const name = (named ?? 'utf-8').toLowerCase();
	const encoding = ENCODINGS[name];
	if (!encoding) throw broken('Line 1', `the file says that it is written in ${name.slice(0, 30)}`, READABLE);
	try {
		return new TextDecoder(encoding, { fatal: true }).decode(bytes);
	} catch {
		throw broken('Line 1', `the file is not written in ${name}, as it says or as XML is without saying`);
	}
}

const ENCODINGS: Record<string, string> = {
	'utf-8': 'utf-8',
	'us-ascii': 'utf-8',
	'iso-8859-1': 'windows-1252',
	'iso-8859-15': 'iso-8859-15',
	'windows-1252': 'windows-1252',
};
const READABLE = 'UTF-8 and ISO-8859-1 are read. Have the bank send the file in one of them.';

/** Asked for places in rising order. */
function lineCounter(text: string): (index: number) => number {
	let at = 0;
	let line = 1;
	return (index) => {
		for (; at < index && at < text.length; at += 1) if (text.charCodeAt(at) === 10) line += 1;
		return line;
	};
}

/** The first element at a path below this one: `RltdPties/Dbtr/Nm`. */
export function at(element: XmlElement | undefined, path: string): XmlElement | undefined {
	return path.split('/').reduce((found, name) => found?.children.find((one) => one.name === name), element);
}

/** All elements at a path, over every branch. */
export function all(element: XmlElement | undefined, path: string): XmlElement[] {
	return path
		.split('/')
		.reduce(
			(found, name) => found.flatMap(({ children }) => children.filter((one) => one.name === name)),
			element ? [element] : [],
		);
}

/** Empty when there is none. */
export const textAt = (element: XmlElement | undefined, path: string): string =>
	at(element, path)?.text ?? '';

/** As messages name it. */
export const whereIs = ({ path, name, line }: XmlElement): string => `${path || name} (line ${line})`;
