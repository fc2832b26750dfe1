/** Mail over SMTP on the sandbox's page: shown, opened, its links followed, unsubscribed from as a mail program would. */
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import type { SmtpInbox, SmtpMail } from './inbox';

/** As a person's mail program and browser name themselves. */
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** Those that are no mail of ours are for the next route. */
export function smtpRoutes(inbox: SmtpInbox): Router {
	const routes = Router();
	const json = express.json();
	const find = ({ params }: Request) => inbox.find(String(params.email), Number(params.mail));

	/** Showing it loads its pictures, from wherever they are: the open. */
	routes.get('/inboxes/:email/:mail/html', (request, response, next) => {
		const mail = find(request);
		if (!mail) return next();
		inbox.open(mail);
		response
			.set({
				'content-security-policy': `default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox`,
				'cache-control': 'no-store',
			})
			.type('html')
			.send(mail.html ?? `<pre style="white-space:pre-wrap;font:inherit">${escaped(mail.text)}</pre>`);
	});
	routes.post('/inboxes/:email/:mail/open', (request, response, next) => {
		const mail = find(request);
		if (!mail) return next();
		inbox.open(mail);
		const picture = /<img\b[^>]*?\bsrc="([^"]+)"[^>]*\bwidth="1"/i.exec(mail.html ?? '')?.[1];
		void ask(picture && unescaped(picture)).then(() => response.json(smtpOnPage(mail)));
	});
	routes.post('/inboxes/:email/:mail/click', json, (request, response, next) => {
		const mail = find(request);
		if (!mail) return next();
		const wish = z.strictObject({ link: z.int().min(0) }).safeParse(request.body);
		const link = wish.success ? mail.links[wish.data.link] : undefined;
		if (!wish.success || !link) return notThere(response);
		void ask(link.url).then((told) => {
			mail.clicks.push({ link: wish.data.link, at: inbox.now() });
			response.json({ ...smtpOnPage(mail), told });
		});
	});
	/** What the mail program's own button does (RFC 8058): a POST, without following anything. */
	routes.post('/inboxes/:email/:mail/unsubscribe', (request, response, next) => {
		const mail = find(request);
		if (!mail) return next();
		const url = /<(https?:[^>]+)>/.exec(mail.headers['list-unsubscribe'] ?? '')?.[1];
		if (!url || mail.headers['list-unsubscribe-post'] !== 'List-Unsubscribe=One-Click')
			return notThere(response);
		const form = new FormData();
		form.set('List-Unsubscribe', 'One-Click');
		void ask(url, { method: 'POST', body: form }).then((told) => {
			if (told === 200) mail.unsubscribedAt = inbox.now();
			response.json({ ...smtpOnPage(mail), told });
		});
	});
	return routes;
}

export function smtpOnPage({ raw: _, html, ...mail }: SmtpMail) {
	return {
		...mail,
		newsletter: '',
		hasHtml: html !== null,
		links: mail.links.map(({ text, url }) => ({ text, url, href: url })),
	};
}

/** The answer's status; null when nobody is there. Nothing is followed further. */
async function ask(url: string | undefined, init: RequestInit = {}): Promise<number | null> {
	if (!url) return null;
	try {
		const answer = await fetch(url, {
			...init,
			redirect: 'manual',
			headers: { 'user-agent': AGENT },
			signal: AbortSignal.timeout(10_000),
		});
		await answer.arrayBuffer();
		return answer.status;
	} catch {
		return null;
	}
}

function notThere(response: Response): void {
	response.status(404).json({ message: 'No such link' });
}

const escaped = (text: string) => text.replace(/[&<>]/g, (mark) => `&#${mark.charCodeAt(0)};`);
const unescaped = (text: string) =>
	text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))).replace(/&amp;/g, '&');
