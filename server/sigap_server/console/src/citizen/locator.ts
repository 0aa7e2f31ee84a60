/** Where the phone is: asked for as soon as the page opens, so that a press can be sent at once. */

export interface Place {
  lat: number;
  lon: number;
  accuracy_m: number;
}

/** `insecure`: browsers give no location to a page opened without https. `failed`: allowed, but no signal yet. */
export type LocationState = "searching" | "ready" | "denied" | "insecure" | "missing" | "failed";

const WATCH: PositionOptions = { enableHighAccuracy: true, maximumAge: 10_000, timeout: 20_000 };

export class Locator {
  state: LocationState = "searching";
  place: Place | null = null;
  private watch: number | null = null;
  private readonly changed: () => void;

  constructor(changed: () => void) {
    this.changed = changed;
  }

  /** Ask (again). The browser shows its question, unless it was answered before. */
  start(): void {
    if (!window.isSecureContext) return this.become("insecure");
    if (!navigator.geolocation) return this.become("missing");
    if (this.watch !== null) navigator.geolocation.clearWatch(this.watch);
    this.become(this.place ? "ready" : "searching");
    this.watch = navigator.geolocation.watchPosition((fix) => this.found(fix), (error) => this.failed(error), WATCH);
    this.restartWhenAllowed();
  }

  private found(fix: GeolocationPosition): void {
    const { latitude, longitude, accuracy } = fix.coords;
    this.place = { lat: latitude, lon: longitude, accuracy_m: Math.round(accuracy) };
    this.become("ready");
  }

  private failed(error: GeolocationPositionError): void {
    if (error.code === error.PERMISSION_DENIED) this.become("denied");
    else if (!this.place) this.become("failed");
  }

  // Somebody who goes to the settings and allows it need not know that the page should be loaded again.
  private restartWhenAllowed(): void {
    navigator.permissions
      ?.query({ name: "geolocation" })
      .then((permission) => {
        permission.onchange = () => {
          if (permission.state !== "denied" && this.state === "denied") this.start();
        };
      })
      .catch(() => undefined);
  }

  private become(state: LocationState): void {
    this.state = state;
    this.changed();
  }
}
