// The rules that eslint recommends, for all that is written here. What differs says why.
import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['dist/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  tseslint.configs.recommended,
  // A page's, too: jsdom makes one for some tests.
  { files: ['**/*.mjs'], languageOptions: { globals: { ...globals.node, document: 'readonly' } } },
  // Frames are JSON, and what is in them is up to who sends it; the types of the users' side are tested by test/types.ts.
  { files: ['src/**'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  // The tests of types need names only to ask for their types; the compiler finds the others in src.
  { files: ['test/*.ts'], rules: { '@typescript-eslint/no-unused-vars': 'off' } },
);
