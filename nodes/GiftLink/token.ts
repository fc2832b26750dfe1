/** What stands in a link: which one it is, and a signature that only this store can make. Short, for it goes into an SMS. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type GiftLink, linkById } from '../../core/gifts/giftLinks';
import type { Store } from '../../core/store/store';
import { madeOnce } from '../../providers/callback';

/** Bytes: nobody tries 2^96 signatures over the net. */
const SIGNATURE = 12;

const keyOf = (store: Store) => madeOnce(store, 'gift-link:key', () => randomBytes(32).toString('base64url'));

/**
 * Over what it was made for and until when as well: no change in the store makes a link longer, or another's. Not over
 * whose it is: records of one human may be merged.
 */
function signatureOf(key: string, { id, key: madeFor, expiresAt }: GiftLink): Buffer {
	const text = JSON.stringify([id, madeFor, expiresAt]);
	return createHmac('sha256', key).update(text).digest().subarray(0, SIGNATURE);
}

export async function tokenOf(store: Store, link: GiftLink): Promise<string> {
	return `${link.id.toString(36)}-${signatureOf(await keyOf(store), link).toString('base64url')}`;
}

/** Undefined: we have not made that link, or its person is no longer there. */
export async function linkIn(store: Store, token: string): Promise<GiftLink | undefined> {
	const [, id = '', given = ''] = /^([0-9a-z]{1,10})-([\w-]{16})$/.exec(token) ?? [];
	if (id === '') return undefined;
	const link = await linkById(store.db, parseInt(id, 36));
	if (!link) return undefined;
	const wanted = signatureOf(await keyOf(store), link);
	const said = Buffer.from(given, 'base64url');
	return said.length === wanted.length && timingSafeEqual(said, wanted) ? link : undefined;
}
