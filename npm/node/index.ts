export { fileStore } from './file_store.js'
