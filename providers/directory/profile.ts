/** What there is to say of a directory service: how it is asked about a number, and what its answer says. */
import type { Evidence } from '../../core/gifts/evidence';
import type { HttpAnswer, HttpRequest } from '../../core/ports';
import type { DirectorySettings } from './settings';

export type DirectoryAnswer =
	| { kind: 'found'; evidence: Evidence }
	/** Not listed, hidden, a business, or it may not be looked up by machines. */
	| { kind: 'nobody' }
	| { kind: 'unreadable' };

export interface DirectoryProfile {
	/** Stands beside everything it has told. */
	name: string;
	/** @param phone E.164 */
	request(settings: DirectorySettings, phone: string): HttpRequest;
	/** An answer with status 200. */
	read(answer: HttpAnswer, phone: string): DirectoryAnswer;
}
