/** What the SFTP credential holds: a server that files are given to and fetched from. */
import { z } from 'zod/v4';
import { filledIn, readSettings } from '../settings';

/** The credential's name as the form shows it. */
export const CREDENTIAL = 'SFTP';

const text = z.string().trim().default('');

const settingsShape = z.object({
	host: filledIn,
	port: z.coerce.number().int().min(1).max(65_535).default(22),
	userName: filledIn,
	authentication: z.enum(['password', 'privateKey']).default('password'),
	password: z.string().default(''),
	/** PEM or OpenSSH; some forms turn its line ends into `\n`. */
	privateKey: z
		.string()
		.default('')
		.transform((key) => (key.includes('\n') ? key : key.replace(/\\n/g, '\n'))),
	passphrase: z.string().default(''),
	/** One or more, as {@link pinnedKeys} reads them. Without any, nothing is connected to. */
	hostKey: text,
	/** All other folders are below it; empty: where the server puts this user. */
	folder: text,
});
export type SftpSettings = z.infer<typeof settingsShape>;

const labels = {
	host: 'Host',
	port: 'Port',
	userName: 'User Name',
	authentication: 'Sign In With',
	password: 'Password',
	privateKey: 'Private Key',
	passphrase: 'Passphrase',
	hostKey: 'Host Key Fingerprint',
	folder: 'Folder',
};

/** @throws {StepProblem} naming the field as the form shows it. */
export function readSftpSettings(raw: unknown): SftpSettings {
	return readSettings(settingsShape, raw, CREDENTIAL, labels);
}
