// The package's own types name a package that it doesn't bring.
declare module '@rrweb/record' {
  export const record: ((options: object) => (() => void) | undefined) & {
    mirror: { getId(node: Node): number; getNode(id: number): Node | null };
    takeFullSnapshot(isCheckout?: boolean): void;
  };
}
