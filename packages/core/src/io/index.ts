export type { FileFormat, FilePath, FileUrl, GgufMetadata, Metadata, NamedArrays } from './file';
export { load, type FileContents, type Loaded, type LoadedMetadata } from './load';
export {
  save,
  saveGguf,
  saveSafetensors,
  savez,
  savezCompressed,
  type SavezArgument,
} from './save';
