/** Where the links in a mail lead: counted, then shown instead of followed, so that nobody leaves the sandbox. */
import express, { type Response, Router } from 'express';
import type { Mail, MakeAccount } from './account';
import { escapeHtml, renderMail } from './newsletter';

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

export function mailLinks(account: MakeAccount): Router {
	const routes = Router();
	const find = (id: string) => account.mails.get(Number(id));

	routes.get('/open/:mail.gif', (request, response) => {
		const mail = find(request.params.mail);
		if (mail) account.open(mail);
		response.set('cache-control', 'no-store').type('gif').send(PIXEL);
	});
	routes.get('/click/:mail/:link', (request, response) => {
		const mail = find(request.params.mail);
		const target = mail && account.click(mail, Number(request.params.link));
		if (!target) return landing(response, 404, 'Ukjent lenke', 'Denne lenken finnes ikke i sandkassen.');
		landing(
			response,
			200,
			target.text,
			`Klikket er registrert. På ordentlig ville nettleseren nå vist ${target.url}`,
		);
	});
	// A GET only asks: mail programs fetch links before anybody has clicked (RFC 8058).
	routes.get('/unsubscribe/:mail', (request, response) => {
		if (!find(request.params.mail))
			return landing(response, 404, 'Ukjent lenke', 'Denne lenken finnes ikke i sandkassen.');
		landing(
			response,
			200,
			'Meld deg av',
			'Vil du slutte å få e-post fra Eksempelforeningen?',
			'<form method="post"><button>Ja, meld meg av</button></form>',
		);
	});
	routes.post('/unsubscribe/:mail', express.urlencoded({ extended: false }), (request, response) => {
		const mail = find(request.params.mail as string);
		if (mail) account.unsubscribeFrom(mail);
		landing(response, 200, 'Du er meldt av', 'Du får ikke flere e-poster fra Eksempelforeningen.');
	});
	return routes;
}

export const linksOf = (mail: Mail) => ({
	link: (index: number) => `/make/click/${mail.id}/${index}`,
	pixel: `/make/open/${mail.id}.gif`,
	unsubscribe: `/make/unsubscribe/${mail.id}`,
});

/** Undefined when its newsletter is gone. */
export function mailHtml(account: MakeAccount, mail: Mail): string | undefined {
	const newsletter = account.newsletters.get(mail.newsletterId);
	return newsletter && renderMail(newsletter, mail.fields, linksOf(mail));
}

function landing(response: Response, status: number, title: string, text: string, more = ''): void {
	response
		.status(status)
		.set('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'")
		.type('html')
		.send(
			`<!doctype html><html lang="nb"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title>
<style>:root{color-scheme:light dark}body{font:17px/1.6 system-ui,sans-serif;max-width:32rem;margin:18vh auto;padding:0 1.5rem}h1{font-size:1.5rem}button{font:inherit;padding:.6em 1.1em;border-radius:8px;border:1px solid;background:none;color:inherit;cursor:pointer}small{opacity:.7}</style>
<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${more}<p><small>Sandkassen for Member Journeys</small></p></html>`,
		);
}
