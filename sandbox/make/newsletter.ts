/** Newsletters prepared in Make, with simple HTML of our own. `{{firstname}}` and the like are merged in per subscriber. */

export interface Newsletter {
	id: number;
	title: string;
	subject: string;
	from: string;
	heading: string;
	/** Paragraphs; may hold merge fields. */
	text: string[];
	links: Array<{ text: string; url: string }>;
	/** The band on top. */
	colour: string;
}

export function preparedNewsletters(): Newsletter[] {
	return [
		{
			id: 5,
			title: 'Velkommen som medlem',
			subject: 'Velkommen, {{firstname}}!',
			from: 'Eksempelforeningen <post@example.org>',
			heading: 'Så fint at du er med, {{firstname}}',
			text: [
				'Takk for at du har meldt deg inn. Fra i dag er du en av mange som gjør en forskjell i hverdagen der du bor.',
				'Vil du bli kjent med oss? Velg det som passer deg best:',
			],
			links: [
				{ text: 'Finn lokallaget ditt', url: 'https://www.example.org/lokallag' },
				{ text: 'Se hva medlemskapet gir deg', url: 'https://www.example.org/fordeler' },
				{ text: 'Bli frivillig', url: 'https://www.example.org/frivillig' },
			],
			colour: '#1f6f5c',
		},
		{
			id: 6,
			title: 'Minne om medlemskap',
			subject: 'Har du glemt oss, {{firstname}}?',
			from: 'Eksempelforeningen <post@example.org>',
			heading: 'Medlemskapet ditt venter',
			text: [
				'Vi ser at kontingenten for i år ikke er betalt ennå. Det er fort gjort å glemme, og like fort gjort å ordne.',
				'Kontingenten er det som gjør at vi kan holde åpent, hele året.',
			],
			links: [
				{ text: 'Betal kontingenten', url: 'https://www.example.org/betal' },
				{ text: 'Gi beskjed om at noe er feil', url: 'https://www.example.org/kontakt' },
			],
			colour: '#2f4f8f',
		},
		{
			id: 7,
			title: 'Takk for gaven',
			subject: 'Tusen takk for gaven din',
			from: 'Eksempelforeningen <post@example.org>',
			heading: 'Tusen takk, {{firstname}}!',
			text: [
				'Gaven din er kommet frem, og den er allerede på vei dit den trengs.',
				'Her kan du lese hva gavene har ført til så langt i år.',
			],
			links: [
				{ text: 'Hva gavene går til', url: 'https://www.example.org/gaver' },
				{ text: 'Bli fast giver', url: 'https://www.example.org/fast-giver' },
			],
			colour: '#8a3b5c',
		},
	];
}

/** Puts the subscriber's fields in; a field that is empty or unknown becomes nothing. How Make writes them is not documented. */
export function merge(text: string, fields: Record<string, string | null>): string {
	return text
		.replace(/\{\{\s*([\w-]+)\s*\}\}/g, (_, key: string) => fields[key] ?? '')
		.replace(/\s+([,.!?])/g, '$1')
		.trim();
}

export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** The mail as its receiver's program shows it; every value is escaped, links and the counting picture lead to `base`. */
export function renderMail(
	newsletter: Newsletter,
	fields: Record<string, string | null>,
	address: { link(index: number): string; pixel: string; unsubscribe: string },
): string {
	const put = (text: string) => escapeHtml(merge(text, fields));
	const buttons = newsletter.links
		.map(
			({ text }, index) =>
				`<p style="margin:0 0 12px"><a href="${escapeHtml(address.link(index))}" target="_blank" rel="noopener" style="display:inline-block;padding:11px 18px;border-radius:6px;text-decoration:none;${
					index === 0
						? `background:${newsletter.colour};color:#fff`
						: `border:1px solid ${newsletter.colour};color:${newsletter.colour}`
				}">${escapeHtml(text)}</a></p>`,
		)
		.join('');
	return `<!doctype html><html lang="nb"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${put(newsletter.subject)}</title></head>
<body style="margin:0;background:#f1f0ec;font:16px/1.55 Georgia,serif;color:#2a2a28">
<div style="max-width:560px;margin:0 auto;background:#fff">
<div style="background:${newsletter.colour};color:#fff;padding:18px 28px;font:600 14px/1.4 system-ui,sans-serif;letter-spacing:.02em">Eksempelforeningen</div>
<div style="padding:26px 28px 8px"><h1 style="font-size:25px;line-height:1.25;margin:0 0 14px">${put(newsletter.heading)}</h1>
${newsletter.text.map((paragraph) => `<p style="margin:0 0 16px">${put(paragraph)}</p>`).join('\n')}
${buttons}</div>
<div style="padding:14px 28px 24px;border-top:1px solid #e5e3dc;font:13px/1.5 system-ui,sans-serif;color:#6b6a64">Du får denne e-posten fordi du er medlem av Eksempelforeningen. <a href="${escapeHtml(address.unsubscribe)}" target="_blank" rel="noopener" style="color:inherit">Meld deg av</a><img src="${escapeHtml(address.pixel)}" width="1" height="1" alt="" style="display:block"></div>
</div></body></html>`;
}
