// The bill of materials of a platform's package, in CycloneDX 1.6 (ECMA-424).

/** `components` are what the addon links or carries: name, version and package URL of each. */
export function billOfMaterials(manifest, components) {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'library',
        'bom-ref': manifest.name,
        name: manifest.name,
        version: manifest.version,
        purl: `pkg:npm/${encodeURIComponent(manifest.name)}@${manifest.version}`,
        licenses: [{ license: { id: manifest.license } }],
      },
    },
    components: components.map(({ name, version, purl }) => ({
      type: 'library',
      'bom-ref': purl,
      name,
      version,
      purl,
    })),
    dependencies: [{ ref: manifest.name, dependsOn: components.map(({ purl }) => purl) }],
  };
}
