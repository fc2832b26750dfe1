/** The members, and what they do: come in waves, click, answer, say stop, give. */
import { setTimeout as pause } from 'node:timers/promises';
import { MAIL_LINK } from './journey';
import type { Chance } from './random';
import type { Host, Site } from './scenario';

/** Plainly made up, and numbers that exist: the sandbox's network takes them. */
export const phoneOf = (i: number) => `+474100${String(i).padStart(4, '0')}`;
export const emailOf = (i: number) => `medlem${i}@example.org`;
export const numberOf = (i: number) => String(1_000 + i);

/** A few have no e-mail, a few no phone. */
const withoutEmail = (i: number) => i % 29 === 7;
const withoutPhone = (i: number) => i % 23 === 11;

export function registerOf(people: number): string {
	const rows = Array.from({ length: people }, (_, i) =>
		[
			numberOf(i),
			'Kari',
			`Eksempel ${i}`,
			withoutEmail(i) ? '' : emailOf(i),
			withoutPhone(i) ? '' : phoneOf(i),
			'Ja',
			'Ja',
		].join(';'),
	);
	return ['Medlemsnummer;Fornavn;Etternavn;E-post;Mobil;Samtykke e-post;Samtykke SMS', ...rows].join('\n');
}

/** What the people have done and had confirmed: the books are held against it. */
export interface Deeds {
	/** Member numbers that the host has said are in the journey. */
	taken: Set<string>;
	/** Phones whose answer was received with 200. */
	answered: Set<string>;
	/** E-mail addresses that have clicked in a mail. */
	clicked: Set<string>;
	/** Member numbers whose gift was received with 200. */
	given: Set<string>;
}

export interface Crowd {
	deeds: Deeds;
	/** Everybody has been let in, at least as far as the host has said. */
	allSent(): boolean;
	/** Sends those in again of whom it is not known whether they are in. */
	sendIn(numbers: readonly string[]): Promise<void>;
	stop(): Promise<void>;
}

const CLICKS = 0.25;
const OPENS = 0.2;
const ANSWERS = 0.4;
const STOPS = 0.1;
const GIVES = 0.1;
const LOOK_EVERY_MS = 120;

export function crowd(site: Site, host: Host, people: number, random: Chance): Crowd {
	const { world } = site.sandbox;
	const deeds: Deeds = { taken: new Set(), answered: new Set(), clicked: new Set(), given: new Set() };
	const sent = new Set<string>();
	const seenMails = new Set<number>();
	const seenSms = new Set<string>();
	const givers = new Set<string>();
	const open = new Set<Promise<unknown>>();
	let stopped = false;
	const follow = (work: Promise<unknown>) => {
		const followed = work.catch(() => undefined).finally(() => open.delete(followed));
		open.add(followed);
	};

	const sendIn = async (numbers: readonly string[]) => {
		if (numbers.length === 0) return;
		const items = numbers.map((memberNumber) => ({ memberNumber }));
		if (!(await posted(host.enrolUrl, { items }))) return;
		for (const number of numbers) {
			sent.add(number);
			if (host.acknowledges) deeds.taken.add(number);
		}
	};
	const give = async (memberNumber: string) => {
		if (await posted(host.giftUrl, { items: [{ memberNumber }] })) deeds.given.add(memberNumber);
	};

	const enrolling = async () => {
		const all = Array.from({ length: people }, (_, i) => numberOf(i));
		let next = 0;
		while (!stopped && sent.size < people) {
			// Who was sent while the host was dead is sent again: as any caller would. Twice is once.
			const missing = all.slice(0, next).filter((number) => !sent.has(number));
			const wave = all.slice(next, next + random.between(1, Math.max(2, Math.ceil(people / 12))));
			next += wave.length;
			await sendIn([...missing, ...wave]);
			await pause(random.between(50, 900));
		}
	};

	const living = async () => {
		while (!stopped) {
			for (const mail of world.make.mails.values()) {
				if (seenMails.has(mail.id)) continue;
				seenMails.add(mail.id);
				if (random.of(OPENS)) world.make.open(mail);
				if (random.of(CLICKS)) {
					world.make.click(mail, MAIL_LINK);
					deeds.clicked.add(mail.email);
				}
			}
			for (let i = 0; i < people; i += 1) {
				const phone = phoneOf(i);
				for (const sms of world.link.phones.of(phone)) {
					if (sms.from !== 'organisation' || seenSms.has(sms.id)) continue;
					seenSms.add(sms.id);
					if (random.of(STOPS)) follow(world.link.reply(phone, 'STOPP'));
					else if (random.of(ANSWERS))
						follow(
							world.link.reply(phone, 'Ja, gjerne').then((status) => {
								if (status === 200) deeds.answered.add(phone);
							}),
						);
					if (random.of(GIVES)) givers.add(numberOf(i));
				}
			}
			for (const giver of [...givers].filter((number) => !deeds.given.has(number)).slice(0, 3))
				follow(give(giver));
			await pause(LOOK_EVERY_MS);
		}
	};

	const lives = [enrolling(), living()];
	return {
		deeds,
		allSent: () => sent.size >= people,
		sendIn,
		async stop() {
			stopped = true;
			await Promise.all(lives);
			await Promise.all([...open]);
		},
	};
}

/** False when nobody answered, or not with 200. */
async function posted(url: string, body: object): Promise<boolean> {
	try {
		const answer = await fetch(url, {
			method: 'POST',
			headers: { 'content-type': 'application/json', connection: 'close' },
			body: JSON.stringify(body),
			signal: AbortSignal.timeout(20_000),
		});
		await answer.text();
		return answer.status === 200;
	} catch {
		return false;
	}
}
