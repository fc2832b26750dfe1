/**
 * The addresses in a mail that lead back to us: what they mean is encrypted and signed into them, so nobody can make
 * one, none names anybody, and a click can only lead where the mail itself led.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod/v4';
import { keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { madeOnce } from '../callback';
import { type Marks, marksOf } from './bounceMark';

const about = {
	/** Dispatch. */
	d: z.int().positive(),
	/** Person, when in the register. */
	p: z.int().positive().optional(),
	/** When it was made (epoch s): also when the mail left. */
	t: z.int(),
};
const meaning = z.discriminatedUnion('k', [
	z.object({ k: z.literal('open'), ...about }),
	z.object({ k: z.literal('click'), ...about, u: z.string() }),
	z.object({ k: z.literal('trap'), ...about }),
	z.object({ k: z.literal('leave'), ...about, w: z.string() }),
]);
/** `open`, `click` to `u`, `trap` (a link that no person sees), `leave` (unsubscribe from purpose `w`). */
export type Meaning = z.infer<typeof meaning>;

export interface Links {
	/** @param base the E-mail Trigger's public address */
	make(base: string, what: Meaning): string;
	/** What the text after `t=` means; undefined when we have not made it, or too long ago. */
	read(token: string | undefined, now: number): Meaning | undefined;
	marks: Marks;
}

const NONCE = 12;
const TAG = 16;
/** Tokens longer than this we have never made: no work is done on them. */
const LONGEST = 8_000;
/**
 * Mail lies about for long: an unsubscribe link works for two years (the rules of mailbox providers name thirty days at
 * least), what only counts for three months.
 */
const LIFE_MS: Record<Meaning['k'], number> = {
	leave: 731 * 86_400_000,
	open: 92 * 86_400_000,
	trap: 92 * 86_400_000,
	click: 731 * 86_400_000,
};
/** A machine whose clock runs a little ahead makes tokens from the future. */
const CLOCKS_DIFFER_MS = 600_000;

/** With the store's own key, made the first time. */
export async function linksOf(store: Store): Promise<Links> {
	const secret = Buffer.from(
		await madeOnce(store, 'email:key', () => randomBytes(32).toString('base64url')),
		'base64url',
	);
	const keyFor = (use: string) => Buffer.from(hkdfSync('sha256', secret, '', `member-journeys ${use}`, 32));
	const key = keyFor('mail links');
	return {
		marks: marksOf(keyFor('mail bounces')),
		make(base, what) {
			const nonce = randomBytes(NONCE);
			const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
			const text = Buffer.concat([cipher.update(JSON.stringify(what), 'utf8'), cipher.final()]);
			const address = new URL(base);
			address.searchParams.set('t', Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64url'));
			return address.href;
		},
		read(token, now) {
			if (!token || token.length > LONGEST || !/^[\w-]+$/.test(token)) return undefined;
			const whole = Buffer.from(token, 'base64url');
			if (whole.length <= NONCE + TAG) return undefined;
			try {
				const decipher = createDecipheriv('aes-256-gcm', key, whole.subarray(0, NONCE), {
					authTagLength: TAG,
				});
				decipher.setAuthTag(whole.subarray(-TAG));
				const text = Buffer.concat([decipher.update(whole.subarray(NONCE, -TAG)), decipher.final()]);
				const what = meaning.parse(JSON.parse(text.toString('utf8')));
				const age = now - what.t * 1_000;
				return age < -CLOCKS_DIFFER_MS || age > LIFE_MS[what.k] ? undefined : what;
			} catch {
				return undefined;
			}
		},
	};
}

const ADDRESS = 'email:address';

/** Where the newest published E-mail Trigger is reached; undefined while there is none. */
export function triggerAddress(store: Store): Promise<string | undefined> {
	return settingOf(store.db, ADDRESS);
}

export function rememberTrigger(store: Store, url: string): Promise<void> {
	return keepSetting(store.db, ADDRESS, url);
}
