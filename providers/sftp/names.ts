/** Names of files and folders at the other end: made of what came from data, they must never lead elsewhere. */
import { StepProblem } from '../../core/ports';

const LONGEST = 200;

/** Whether it is a name, and nothing more. */
export function isFileName(name: string): boolean {
	return (
		name !== '' &&
		!name.startsWith('.') &&
		name === name.trim() &&
		Buffer.byteLength(name) <= LONGEST &&
		// eslint-disable-next-line no-control-regex
		!/[/\\\u0000-\u001f\u007f]/.test(name)
	);
}

/** The one place where every file name is looked at. @throws {StepProblem} when it is more, or less, than a name. */
export function fileName(name: string): string {
	if (isFileName(name)) return name;
	throw new StepProblem(`'${name.slice(0, 60).replace(/[^\w.-]/g, '?')}' cannot be the name of a file.`, {
		hint: 'A file name has no slashes and no control characters, does not begin with a dot, and has at most 200 letters.',
	});
}

/** A folder below another one. @throws {StepProblem} when it would lead out of it. */
export function folderIn(base: string, folder: string): string {
	const parts = folder.split('/').filter((part) => part !== '' && part !== '.');
	// eslint-disable-next-line no-control-regex
	if (parts.some((part) => part === '..' || /[\\\u0000-\u001f]/.test(part)))
		throw new StepProblem(
			`The folder '${folder.slice(0, 60)}' leads out of the folder of the SFTP credential.`,
			{
				hint: "Write a folder below it, such as 'in', without dots and backslashes.",
			},
		);
	const start = base.replace(/\/+$/, '');
	const inside = parts.join('/');
	if (start === '') return base.startsWith('/') ? `/${inside}` : inside || '.';
	return inside ? `${start}/${inside}` : start;
}
