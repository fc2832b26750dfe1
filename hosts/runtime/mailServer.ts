/**
 * A real mail server of our own in a temporary folder, for tests: Debian's exim4 takes mail over SMTP with STARTTLS and
 * a password, puts it into mailboxes and returns what it cannot deliver; Debian's dovecot shows the mailboxes over IMAP.
 * Both run without privileges.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './ports';

export interface MailServer {
	/** SMTP with STARTTLS; signs in {@link mailUser}. */
	port: number;
	/** IMAP over TLS; each mailbox is its own user, with {@link mailUser}'s password. */
	imapPort: number;
	/** Its self-signed certificate for 127.0.0.1 (PEM). */
	certificate: string;
	/** The mails in the mailbox of that name at example.org, as they came. */
	mailbox(name: string): Promise<Buffer[]>;
	/** Ends both and takes everything away. */
	close(): Promise<void>;
}

export const mailUser = { user: 'post', password: 'secret' };

const EXIM = process.env.EXIM ?? '/usr/sbin/exim4';
const DOVECOT = process.env.DOVECOT ?? '/usr/sbin/dovecot';
const START_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 100;

/** Whether this machine has both; `EXIM` and `DOVECOT` name them where they are elsewhere. */
export function hasMailServer(): boolean {
	return (
		spawnSync(EXIM, ['--version'], { stdio: 'ignore' }).status === 0 &&
		spawnSync(DOVECOT, ['--version'], { stdio: 'ignore' }).status === 0
	);
}

/** @param names the mailboxes at example.org; mail to anybody else there is returned */
export async function mailServer(names: readonly string[]): Promise<MailServer> {
	if (!hasMailServer())
		throw new Error(
			'There is no exim4 and dovecot on this machine: apt-get install exim4-daemon-light dovecot-imapd (npm test does).',
		);
	const folder = await mkdtemp(join(tmpdir(), 'member-journeys-mail-'));
	const [port, imapPort] = [await freePort(), await freePort()];
	const who = runAs();
	const started: ChildProcess[] = [];
	let said = '';
	const start = (file: string, args: string[]) => {
		const child = spawn(file, args, {
			stdio: ['ignore', 'pipe', 'pipe'],
			...(who.other ? { uid: who.uid, gid: who.gid } : {}),
		});
		const hear = (part: Buffer) => (said = (said + part.toString()).slice(-20_000));
		child.stdout.on('data', hear);
		child.stderr.on('data', hear);
		started.push(child);
		return child;
	};
	const close = async () => {
		for (const child of started) {
			if (child.exitCode !== null || child.signalCode !== null) continue;
			const gone = new Promise((resolve) => child.once('exit', resolve));
			child.kill('SIGTERM');
			await Promise.race([gone, pause(5_000)]);
			child.kill('SIGKILL');
		}
		await rm(folder, { recursive: true, force: true, maxRetries: 5 });
	};
	try {
		const certificate = await makeCertificate(folder);
		for (const part of ['spool', 'log', 'mail', 'run']) await mkdir(join(folder, part));
		await writeFile(join(folder, 'exim.conf'), eximConfig(folder, port, names, who));
		await writeFile(join(folder, 'dovecot.conf'), dovecotConfig(folder, imapPort, who));
		if (who.other)
			for (const part of [
				'.',
				'spool',
				'log',
				'mail',
				'run',
				'key.pem',
				'cert.pem',
				'exim.conf',
				'dovecot.conf',
			])
				await chown(join(folder, part), who.uid, who.gid);
		chmodSync(folder, 0o755);
		const servers = [
			start(EXIM, ['-C', join(folder, 'exim.conf'), '-bdf', '-q1m']),
			start(DOVECOT, ['-F', '-c', join(folder, 'dovecot.conf')]),
		];
		const until = Date.now() + START_WITHIN_MS;
		for (const at of [port, imapPort]) {
			while (!(await listens(at))) {
				if (Date.now() > until || servers.some(({ exitCode }) => exitCode !== null)) {
					const log = await readFile(join(folder, 'log', 'dovecot.log'), 'utf8').catch(() => '');
					throw new Error(`The mail server did not start:\n${said.slice(-2_000)}\n${log.slice(-2_000)}`);
				}
				await pause(LOOK_EVERY_MS);
			}
		}
		return {
			port,
			imapPort,
			certificate,
			async mailbox(name) {
				const place = join(folder, 'mail', name, 'new');
				const seen = join(folder, 'mail', name, 'cur');
				const files = [
					...(await readdir(place).catch(() => [])).map((file) => join(place, file)),
					...(await readdir(seen).catch(() => [])).map((file) => join(seen, file)),
				];
				return Promise.all(files.sort().map((file) => readFile(file)));
			},
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}

interface Who {
	uid: number;
	gid: number;
	name: string;
	group: string;
	/** Not who runs this. */
	other: boolean;
}

/** Never root: exim refuses to put mail into mailboxes as root. */
function runAs(): Who {
	const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
	const ask = (...args: string[]) => spawnSync('id', args, { encoding: 'utf8' }).stdout.trim();
	if (uid !== 0) return { uid, gid, name: ask('-un'), group: ask('-gn'), other: false };
	const name = 'Debian-exim';
	return {
		uid: Number(ask('-u', name)),
		gid: Number(ask('-g', name)),
		name,
		group: ask('-gn', name),
		other: true,
	};
}

async function makeCertificate(folder: string): Promise<string> {
	const made = spawnSync(
		'openssl',
		[
			...[
				'req',
				'-x509',
				'-newkey',
				'ec',
				'-pkeyopt',
				'ec_paramgen_curve:prime256v1',
				'-nodes',
				'-days',
				'2',
			],
			...['-subj', '/CN=mail.example.org', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:mail.example.org'],
			...['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
		],
		{ encoding: 'utf8' },
	);
	if (made.status !== 0) throw new Error(`No certificate could be made: ${made.stderr}`);
	return readFile(join(folder, 'cert.pem'), 'utf8');
}

function eximConfig(folder: string, port: number, names: readonly string[], { name, group }: Who): string {
	return `
exim_path = ${EXIM}
exim_user = ${name}
exim_group = ${group}
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%s
pid_file_path = ${folder}/run/exim.pid
primary_hostname = mail.example.org
qualify_domain = example.org
domainlist local_domains = example.org
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
tls_advertise_hosts = *
tls_certificate = ${folder}/cert.pem
tls_privatekey = ${folder}/key.pem
deliver_drop_privilege = true
never_users =
keep_environment =
rfc1413_query_timeout = 0s
host_lookup =
message_size_limit = 5M
acl_smtp_rcpt = rcpt

begin acl
rcpt:
  deny !authenticated = *
       message = sign in first
  deny local_parts = refused
       message = 5.1.1 no such user here
  defer local_parts = later
       message = 4.2.1 try later
  accept

begin routers
here:
  driver = accept
  domains = +local_domains
  local_part_suffix = +*
  local_part_suffix_optional
  local_parts = ${names.join(' : ')}
  transport = mailbox

begin transports
mailbox:
  driver = appendfile
  directory = ${folder}/mail/$local_part_data
  maildir_format
  create_directory
  envelope_to_add
  delivery_date_add
  return_path_add
  user = ${name}
  group = ${group}

begin retry
* * F,1h,1m

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${mailUser.user}}}{eq{$auth3}{${mailUser.password}}}}}
  server_set_id = $auth2
  server_advertise_condition = \${if def:tls_in_cipher}
`;
}

function dovecotConfig(folder: string, port: number, { uid, gid, name, group }: Who): string {
	return `
base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/log/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = ${name}
default_internal_group = ${group}
default_login_user = ${name}
first_valid_uid = 1
first_valid_gid = 1
ssl = required
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
mail_location = maildir:${folder}/mail/%n
passdb {
  driver = static
  args = password=${mailUser.password}
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${folder}/mail/%n
}
service imap-login {
  chroot =
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = ${port}
    ssl = yes
  }
}
service anvil {
  chroot =
}
`;
}

async function listens(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1');
		socket.setTimeout(1_000, () => socket.destroy());
		socket.once('connect', () => {
			resolve(true);
			socket.destroy();
		});
		socket.once('error', () => resolve(false));
		socket.once('close', () => resolve(false));
	});
}
