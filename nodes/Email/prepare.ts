/** From an item and the form to one person's mail. */
import { StepProblem } from '../../core/ports';
import { readEmail } from '../../core/register/contact';
import type { Given } from '../../core/step';
import { type CompiledTemplate, compileTemplate } from '../../core/templates/liquid';
import { type Mail, type Mailbox, WAY_OUT, headerLine, readMailbox } from '../../providers/smtp/mail';
import { type Addressee, detailOf } from '../addressees';
import type { Parameters } from './parameters';

export interface Prepared {
	who: Addressee;
	/** Null when there is none. */
	address: string | null;
	mail: Mail;
	impossible?: string;
}

/** Texts that many items share are read once. */
export class Texts {
	private readonly compiled = new Map<string, CompiledTemplate>();

	/** @throws {StepProblem} naming the field. */
	async of(kind: 'subject' | Parameters['format'] | 'textVersion', text: string): Promise<CompiledTemplate> {
		const key = `${kind}\n${text}`;
		const known = this.compiled.get(key);
		if (known) return known;
		const made =
			kind === 'subject'
				? compileTemplate(text, 'Subject')
				: kind === 'text'
					? compileTemplate(text, 'Body')
					: kind === 'textVersion'
						? compileTemplate(text, 'Text Version')
						: compileTemplate(kind === 'mjml' ? await fromMjml(text) : text, 'Body', 'html');
		this.compiled.set(key, made);
		return made;
	}
}

/** Laid out once; the names of persons are filled into the HTML that comes of it. */
async function fromMjml(text: string): Promise<string> {
	// A large library, for those who use it.
	const { default: mjml2html } = await import('mjml-browser');
	const made = await mjml2html(text, { validationLevel: 'soft', ignoreIncludes: true }).catch(
		(cause: unknown) => ({
			html: '',
			errors: [{ line: 1, message: cause instanceof Error ? cause.message : String(cause) }],
		}),
	);
	const [first] = made.errors;
	if (first) {
		const said = `line ${first.line}: ${first.message.split('\n')[0] ?? ''}`;
		throw new StepProblem(`'Body' cannot be read as MJML: ${said}`, {
			field: 'Body',
			hint: "Look at the tag it names, or choose another 'Body Format'. Liquid tags between sections stand inside <mj-raw>.",
		});
	}
	return made.html;
}

/** @throws {StepProblem} when the form, or what it makes of this item, cannot be sent to anybody. */
export async function prepare(
	who: Addressee,
	{ json, params }: Given<Parameters>,
	texts: Texts,
	track: (personId: number) => boolean,
): Promise<Prepared> {
	const { options, purpose } = params;
	const from = mailbox(params.from, 'From', who.index);
	const replyTo = options.replyTo ? mailbox(options.replyTo, 'Reply-To', who.index) : undefined;
	const scope = { ...json, item: json, unsubscribeUrl: WAY_OUT };
	const subject = headerLine((await texts.of('subject', params.subject)).render(scope));
	const body = (await texts.of(params.format, params.body)).render(scope);
	const version = options.textVersion
		? (await texts.of('textVersion', options.textVersion)).render(scope)
		: undefined;
	const given = params.to || detailOf(json, 'email');
	const address = given ? readEmail(given) : undefined;
	const impossible =
		address === undefined
			? given
				? `${params.to ? "'To'" : 'the e-mail address'} [Item ${who.index + 1}] is no e-mail address; write it as in kari@example.org`
				: 'has no e-mail address'
			: subject === ''
				? "'Subject' is empty for this person"
				: undefined;
	return {
		who,
		address: address ?? null,
		...(impossible ? { impossible } : {}),
		mail: {
			from,
			replyTo,
			subject,
			html: params.format === 'text' ? undefined : body,
			text: params.format === 'text' ? body : version,
			purpose,
			personId: who.personId,
			track: params.track && who.personId !== null && track(who.personId),
			wayOut: options.unsubscribeText,
		},
	};
}

function mailbox(text: string, field: string, item: number): Mailbox {
	const read = readMailbox(text);
	if (read) return read;
	throw new StepProblem(`'${field}' is not one e-mail address.`, {
		field,
		item,
		hint: 'Write post@example.org or Foreningen <post@example.org>, on one line.',
	});
}
