/** LINK's platform keys: callbacks are signed with the newest, all of them are published. */
import { type KeyObject, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

interface Key {
	kid: string;
	secret: KeyObject;
	x: string;
}

export interface Signed {
	body: Buffer;
	headers: Record<string, string>;
}

export class SigningKeys {
	private keys: Key[] = [newKey()];

	/** @param at epoch ms that the signature is to show */
	sign(body: Buffer, at: number, with_: Pick<Key, 'kid' | 'secret'> = this.keys.at(-1)!): Signed {
		const timestamp = String(Math.floor(at / 1_000));
		const signed = Buffer.concat([Buffer.from(`${timestamp}.`), body]);
		return {
			body,
			headers: {
				'x-ocm-timestamp': timestamp,
				'x-ocm-signature': sign(null, signed, with_.secret).toString('base64'),
				'x-ocm-key-id': with_.kid,
			},
		};
	}

	/** A stranger's key under the id of the real one. */
	impostor(): Pick<Key, 'kid' | 'secret'> {
		return { kid: this.keys.at(-1)!.kid, secret: newKey().secret };
	}

	/** A stranger's key under an id of its own. */
	stranger(): Pick<Key, 'kid' | 'secret'> {
		return newKey();
	}

	/** From now on another key signs. `keepOld`: both are published for a while. */
	rotate(keepOld = true): void {
		this.keys = [...(keepOld ? this.keys.slice(-1) : []), newKey()];
	}

	jwks(): { keys: object[] } {
		return {
			keys: this.keys.map(({ kid, x }) => ({ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA', kid, x })),
		};
	}
}

function newKey(): Key {
	const { privateKey, publicKey } = generateKeyPairSync('ed25519');
	const { x = '' } = publicKey.export({ format: 'jwk' });
	return { kid: `ocm-cb-${randomBytes(4).toString('hex')}`, secret: privateKey, x };
}
