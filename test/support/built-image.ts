/**
 * The file tree that an image would have, made in a folder by following its Dockerfile: COPY by its
 * files, RUN by a shell whose absolute paths lead into the folder. Of the base image there is only Node.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { copyTree } from './copy-tree.ts';
import { dockerignore, type Instruction, parseDockerfile, type Stage } from './dockerfile.ts';
import { copyProductionPackages } from './production-packages.ts';

export interface BuiltImage {
  /** Where the image's `/` is. */
  root: string;
  stage: Stage;
  /** As the image has it. */
  env: Record<string, string>;
  workdir: string;
  /** Undefined: whoever runs the test, as only root can be somebody else. */
  user: { uid: number; gid: number } | undefined;
}

export interface ImageSource {
  dockerfile: string;
  /** The folder that would be sent to the builder. */
  context: string;
  /** A new folder that the image's user may enter. */
  directory: string;
  /** `npm ci` is run as it stands; otherwise the packages are those of the context. */
  npm?: boolean;
}

const isRoot = process.getuid?.() === 0;

/** Of the last stage. All stages are made at the same place: Node's compile cache knows paths. */
export function buildImage(source: ImageSource): BuiltImage {
  const root = join(source.directory, 'root');
  const accepts = dockerignore(readFileSync(join(source.context, '.dockerignore'), 'utf8'));
  let image: BuiltImage | undefined;
  for (const stage of parseDockerfile(readFileSync(source.dockerfile, 'utf8'))) {
    if (image) renameSync(root, join(source.directory, image.stage.name));
    image = { root, stage, env: {}, workdir: '/', user: undefined };
    addNode(root);
    for (const instruction of stage.instructions) follow(instruction, image, source, accepts);
  }
  if (!image) throw new Error('expected a stage, got none');
  return image;
}

/** A path of the image, on this machine. */
export function inImage({ root, workdir }: BuiltImage, path: string): string {
  return path.startsWith('/') ? join(root, path) : join(root, workdir, path);
}

/** What a process of the image finds in its environment. */
export function imageEnvironment(image: BuiltImage): Record<string, string> {
  const entries = Object.entries(image.env).map(([name, value]) => [
    name,
    value.startsWith('/') ? inImage(image, value) : value,
  ]);
  return {
    PATH: `${inImage(image, '/usr/local/bin')}:${process.env.PATH}`,
    ...Object.fromEntries(entries),
  };
}

/** Nobody may change anything any more, but below these of the image's paths: its volumes. */
export function makeReadOnly(image: BuiltImage, volumes: readonly string[]): void {
  setModes(image.root, (mode) => mode & ~0o222);
  for (const volume of volumes) setModes(inImage(image, volume), (mode) => mode | 0o200);
}

/** Before it is deleted. */
export function makeWritable(directory: string): void {
  setModes(directory, (mode) => mode | 0o200);
}

function setModes(directory: string, change: (mode: number) => number): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(directory, entry.name);
    chmodSync(path, change(statSync(path).mode));
    if (entry.isDirectory()) setModes(path, change);
  }
  chmodSync(directory, change(statSync(directory).mode));
}

function addNode(root: string): void {
  const bin = join(root, 'usr/local/bin');
  mkdirSync(bin, { recursive: true });
  copyFileSync(process.execPath, join(bin, 'node'), constants.COPYFILE_FICLONE);
}

function follow(
  { name, text }: Instruction,
  image: BuiltImage,
  source: ImageSource,
  accepts: (path: string) => boolean,
): void {
  if (name === 'WORKDIR') {
    image.workdir = text;
    mkdirSync(inImage(image, text), { recursive: true });
  } else if (name === 'ENV') {
    for (const pair of text.split(/\s+/)) {
      const [variable = '', value = ''] = pair.split('=');
      image.env[variable] = value;
    }
  } else if (name === 'USER') {
    const [uid = Number.NaN, gid = Number.NaN] = text.split(':').map(Number);
    image.user = isRoot ? { uid, gid } : undefined;
  } else if (name === 'COPY') copy(text, image, source, accepts);
  else if (name === 'RUN') {
    for (const command of text.split(' && ')) run(command.trim(), image, source);
  } else if (!['VOLUME', 'EXPOSE', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'].includes(name)) {
    throw new Error(`expected an instruction that is known here, got ${name}`);
  }
}

function copy(
  text: string,
  image: BuiltImage,
  { context, directory }: ImageSource,
  accepts: (path: string) => boolean,
): void {
  const [, stage, rest = text] = /^--from=(\S+) (.*)$/.exec(text) ?? [];
  const words = rest.split(/\s+/);
  const to = words.pop() ?? '';
  for (const from of words) {
    const source = join(stage ? join(directory, stage) : context, from);
    const isFile = statSync(source).isFile();
    const target = inImage(image, isFile && to.endsWith('/') ? join(to, basename(from)) : to);
    if (stage) copyTree(source, target, { link: true });
    else if (!isFile) copyTree(source, target, { accepts: (path) => accepts(`${from}/${path}`) });
    else if (accepts(from)) copyTree(source, target);
    else throw new Error(`expected ${from} to be sent to the builder, .dockerignore leaves it out`);
  }
}

function run(command: string, image: BuiltImage, { context, npm }: ImageSource): void {
  if (command.startsWith('npm ci ') && !npm) {
    copyProductionPackages(context, inImage(image, '.'));
  } else if (command.startsWith('install -d ')) makeDirectory(command, image);
  else runInShell(command, image);
}

function runInShell(command: string, image: BuiltImage): void {
  if (/\.\.|~/.test(command)) throw new Error(`expected paths of the image, got ${command}`);
  // A path at the beginning of a word or a value; patterns within words stay.
  const mapped = command.replace(/(^|[\s=])\/(?=\w)/g, `$1${image.root}/`);
  execFileSync('sh', ['-c', mapped], {
    cwd: inImage(image, '.'),
    env: imageEnvironment(image),
    stdio: ['ignore', 'pipe', 'inherit'],
    ...image.user,
  });
}

/** Only root can give it to somebody. */
function makeDirectory(command: string, image: BuiltImage): void {
  const [, uid, gid, path = ''] = /^install -d -o (\d+) -g (\d+) (\/\S+)$/.exec(command) ?? [];
  const made = inImage(image, path);
  if (!existsSync(dirname(made))) throw new Error(`expected the folder above ${path}, got none`);
  mkdirSync(made);
  if (isRoot) chownSync(made, Number(uid), Number(gid));
}
