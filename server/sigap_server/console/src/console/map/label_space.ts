/** Which parts of the screen already hold a label, in coarse cells: exact enough, and cheap for a thousand. */

const CELL_X = 20;
const CELL_Y = 9;
const ROW = 4_096;

export class LabelSpace {
  private readonly taken = new Set<number>();

  /** Marks the rectangle (pixels) as taken; false if another label already stood in it. */
  take(left: number, top: number, width: number, height: number): boolean {
    const cells: number[] = [];
    let free = true;
    for (let y = Math.floor(top / CELL_Y); y <= Math.floor((top + height) / CELL_Y); y++) {
      for (let x = Math.floor(left / CELL_X); x <= Math.floor((left + width) / CELL_X); x++) {
        cells.push(y * ROW + x);
        free &&= !this.taken.has(y * ROW + x);
      }
    }
    if (free) for (const cell of cells) this.taken.add(cell);
    return free;
  }
}
