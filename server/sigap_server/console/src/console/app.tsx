import { helpOpen, session } from "./state.ts";
import { ConnectionBanner } from "./connection_banner.tsx";
import { DistressBanner } from "./distress_banner.tsx";
import { Help } from "./help.tsx";
import { IncidentPanel } from "./incident/panel.tsx";
import { Login } from "./login.tsx";
import { MapPanel } from "./map_panel.tsx";
import { NewAlertAnnouncement } from "./announcement.tsx";
import { Queue } from "./queue.tsx";
import { TopBar } from "./top_bar.tsx";
import { UnitList } from "./unit_list.tsx";

export function App() {
  const who = session.value;
  if (who === "asking") return <div class="splash" />;
  if (who === "signed_out") return <Login />;
  return (
    <div class="console">
      <TopBar operator={who.name} />
      <ConnectionBanner />
      <DistressBanner />
      <UnitList />
      <MapPanel />
      <aside class="side">
        <Queue />
        <IncidentPanel />
      </aside>
      <NewAlertAnnouncement />
      {helpOpen.value && <Help />}
    </div>
  );
}
