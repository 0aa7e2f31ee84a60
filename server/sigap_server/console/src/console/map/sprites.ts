/** Pictures of cars and of their labels, drawn once each and then only copied: a thousand cars are a thousand copies. */

import type { LinkState, UnitStatus } from "../../api/model.ts";
import { DISTRESS, INK, LOST_GREY, PAPER, STATUS_COLOUR } from "./palette.ts";

export interface Sprite {
  image: HTMLCanvasElement;
  /** Size on the screen in CSS pixels. */
  width: number;
  height: number;
}

const CAR_PX = 34;
const DISTRESS_PX = 76;
const LABEL_HEIGHT = 17;
const LABEL_FONT = '600 11px "Inter Variable", system-ui, sans-serif';
const LABELS_KEPT = 4_000;

export class Sprites {
  private readonly ratio: number;
  private readonly cars = new Map<string, Sprite>();
  private readonly labels = new Map<string, Sprite>();

  constructor(ratio: number) {
    this.ratio = ratio;
  }

  /** A car heading north; `moving` false is a car at rest, without a direction. */
  car(status: UnitStatus, link: LinkState, moving: boolean, selected: boolean): Sprite {
    const key = `${status} ${link} ${moving} ${selected}`;
    let sprite = this.cars.get(key);
    if (!sprite) {
      sprite = this.sprite(CAR_PX, CAR_PX, (pen) => {
        pen.translate(CAR_PX / 2, CAR_PX / 2);
        if (selected) drawHalo(pen);
        drawCar(pen, status, link, moving);
      });
      this.cars.set(key, sprite);
    }
    return sprite;
  }

  /** What stands around a car whose officer is in distress. */
  distress(): Sprite {
    let sprite = this.cars.get("distress");
    if (!sprite) {
      sprite = this.sprite(DISTRESS_PX, DISTRESS_PX, drawDistress);
      this.cars.set("distress", sprite);
    }
    return sprite;
  }

  label(text: string, colour: string, faded: boolean): Sprite {
    const key = `${text} ${colour} ${faded}`;
    let sprite = this.labels.get(key);
    if (!sprite) {
      if (this.labels.size > LABELS_KEPT) this.labels.clear();
      sprite = this.drawLabel(text, colour, faded);
      this.labels.set(key, sprite);
    }
    return sprite;
  }

  private drawLabel(text: string, colour: string, faded: boolean): Sprite {
    const ruler = document.createElement("canvas").getContext("2d")!;
    ruler.font = LABEL_FONT;
    const width = Math.ceil(ruler.measureText(text).width) + 14;
    return this.sprite(width, LABEL_HEIGHT, (pen) => {
      pen.globalAlpha = faded ? 0.72 : 1;
      pen.fillStyle = "rgb(8 12 18 / 0.82)";
      pen.beginPath();
      pen.roundRect(0, 0, width, LABEL_HEIGHT, 4);
      pen.fill();
      pen.fillStyle = colour;
      pen.fillRect(4, 4, 2, LABEL_HEIGHT - 8);
      pen.font = LABEL_FONT;
      pen.textBaseline = "middle";
      pen.fillStyle = faded ? LOST_GREY : PAPER;
      pen.fillText(text, 9, LABEL_HEIGHT / 2 + 0.5);
    });
  }

  private sprite(width: number, height: number, draw: (pen: CanvasRenderingContext2D) => void): Sprite {
    const image = document.createElement("canvas");
    image.width = Math.ceil(width * this.ratio);
    image.height = Math.ceil(height * this.ratio);
    const pen = image.getContext("2d")!;
    pen.scale(this.ratio, this.ratio);
    draw(pen);
    return { image, width, height };
  }
}

function drawHalo(pen: CanvasRenderingContext2D): void {
  pen.fillStyle = "rgb(255 255 255 / 0.12)";
  pen.strokeStyle = "#ffffff";
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.arc(0, 0, 15, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
}

// Rings and spokes: seen from across the room, and told apart from everything else without colour too.
function drawDistress(pen: CanvasRenderingContext2D): void {
  pen.translate(DISTRESS_PX / 2, DISTRESS_PX / 2);
  pen.fillStyle = "rgb(255 46 56 / 0.28)";
  pen.beginPath();
  pen.arc(0, 0, 34, 0, 2 * Math.PI);
  pen.fill();
  pen.strokeStyle = DISTRESS;
  pen.lineWidth = 4;
  for (const radius of [22, 34]) {
    pen.beginPath();
    pen.arc(0, 0, radius, 0, 2 * Math.PI);
    pen.stroke();
  }
  for (let spoke = 0; spoke < 4; spoke += 1) {
    pen.rotate(Math.PI / 2);
    pen.beginPath();
    pen.moveTo(0, 24);
    pen.lineTo(0, 37);
    pen.stroke();
  }
}

function carPath(pen: CanvasRenderingContext2D, moving: boolean): void {
  pen.beginPath();
  if (!moving) {
    pen.arc(0, 0, 6.5, 0, 2 * Math.PI);
    return;
  }
  pen.moveTo(0, -11);
  pen.lineTo(8, 8.5);
  pen.lineTo(0, 4.5);
  pen.lineTo(-8, 8.5);
  pen.closePath();
}

// A stale car is half transparent within a dashed ring, a lost one only an outline: told apart without colour too.
function drawCar(pen: CanvasRenderingContext2D, status: UnitStatus, link: LinkState, moving: boolean): void {
  const colour = link === "lost" ? LOST_GREY : STATUS_COLOUR[status];
  pen.lineJoin = "round";
  if (link !== "fresh") {
    pen.strokeStyle = colour;
    pen.globalAlpha = link === "stale" ? 0.75 : 0.9;
    pen.lineWidth = 1.25;
    pen.setLineDash([3, 3]);
    pen.beginPath();
    pen.arc(0, 0, 13, 0, 2 * Math.PI);
    pen.stroke();
    pen.setLineDash([]);
  }
  carPath(pen, moving);
  pen.globalAlpha = 1;
  pen.strokeStyle = INK;
  pen.lineWidth = 4;
  pen.stroke();
  pen.globalAlpha = link === "stale" ? 0.5 : 1;
  if (link === "lost") {
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5;
    pen.stroke();
    return;
  }
  pen.fillStyle = colour;
  pen.fill();
  if (status === "on_scene") dot(pen, INK, 2.5);
  if (status === "out_of_service") cross(pen);
}

function dot(pen: CanvasRenderingContext2D, colour: string, radius: number): void {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(0, 0, radius, 0, 2 * Math.PI);
  pen.fill();
}

function cross(pen: CanvasRenderingContext2D): void {
  pen.strokeStyle = INK;
  pen.lineWidth = 1.75;
  pen.beginPath();
  pen.moveTo(-3, -3);
  pen.lineTo(3, 3);
  pen.moveTo(3, -3);
  pen.lineTo(-3, 3);
  pen.stroke();
}
