-- The Go types behind `info --format` and `version --format` of docker CLI 28; see docker.types.
local M = {}

local SPEC = {
  ["system.dockerInfo"] = {
    "Info *system.Info .", "ServerErrors []string ,omitempty", "UserName string -", "ClientInfo *system.clientInfo ,omitempty",
    "ClientErrors []string ,omitempty",
  },
  ["system.Info"] = {
    "ID string", "Containers int", "ContainersRunning int", "ContainersPaused int", "ContainersStopped int", "Images int",
    "Driver string", "DriverStatus [][2]string", "SystemStatus [][2]string ,omitempty", "Plugins system.PluginsInfo",
    "MemoryLimit bool", "SwapLimit bool", "KernelMemory bool ,omitempty", "KernelMemoryTCP bool ,omitempty",
    "CPUCfsPeriod bool CpuCfsPeriod", "CPUCfsQuota bool CpuCfsQuota", "CPUShares bool", "CPUSet bool", "PidsLimit bool",
    "IPv4Forwarding bool", "Debug bool", "NFd int", "OomKillDisable bool", "NGoroutines int", "SystemTime string",
    "LoggingDriver string", "CgroupDriver string", "CgroupVersion string ,omitempty", "NEventsListener int",
    "KernelVersion string", "OperatingSystem string", "OSVersion string", "OSType string", "Architecture string",
    "IndexServerAddress string", "RegistryConfig *registry.ServiceConfig", "NCPU int", "MemTotal int64",
    "GenericResources []swarm.GenericResource", "DockerRootDir string", "HTTPProxy string HttpProxy",
    "HTTPSProxy string HttpsProxy", "NoProxy string", "Name string", "Labels []string", "ExperimentalBuild bool",
    "ServerVersion string", "Runtimes map[string]system.RuntimeWithStatus", "DefaultRuntime string", "Swarm swarm.Info",
    "LiveRestoreEnabled bool", "Isolation container.Isolation", "InitBinary string", "ContainerdCommit system.Commit",
    "RuncCommit system.Commit", "InitCommit system.Commit", "SecurityOptions []string", "ProductLicense string ,omitempty",
    "DefaultAddressPools []system.NetworkAddressPool ,omitempty", "FirewallBackend *system.FirewallInfo ,omitempty",
    "CDISpecDirs []string", "DiscoveredDevices []system.DeviceInfo ,omitempty", "Containerd *system.ContainerdInfo ,omitempty",
    "Warnings []string",
  },
  ["system.PluginsInfo"] = { "Volume []string", "Network []string", "Authorization []string", "Log []string" },
  ["registry.ServiceConfig"] = {
    "IndexConfigs map[string]*registry.IndexInfo", "InsecureRegistryCIDRs []registry.NetIPNet", "Mirrors []string",
  },
  ["registry.IndexInfo"] = { "Mirrors []string", "Name string", "Official bool", "Secure bool" },
  ["registry.NetIPNet"] = "string",
  ["swarm.GenericResource"] = {
    "NamedResourceSpec *swarm.NamedGenericResource ,omitempty", "DiscreteResourceSpec *swarm.DiscreteGenericResource ,omitempty",
  },
  ["swarm.NamedGenericResource"] = { "Kind string ,omitempty", "Value string ,omitempty" },
  ["swarm.DiscreteGenericResource"] = { "Kind string ,omitempty", "Value int64 ,omitempty" },
  ["system.RuntimeWithStatus"] = { "Runtime system.Runtime .", "Status map[string]string status,omitempty" },
  ["system.Runtime"] = {
    "Path string path,omitempty", "Args []string runtimeArgs,omitempty", "Type string runtimeType,omitempty",
    "Options map[string]interface{} options,omitempty",
  },
  ["system.Commit"] = { "ID string", "Expected string ,omitempty" },
  ["system.NetworkAddressPool"] = { "Base string", "Size int" },
  ["system.FirewallInfo"] = { "Driver string", "Info [][2]string ,omitempty" },
  ["system.DeviceInfo"] = { "Source string", "ID string" },
  ["system.ContainerdInfo"] = { "Address string ,omitempty", "Namespaces system.ContainerdNamespaces" },
  ["system.ContainerdNamespaces"] = { "Containers string", "Plugins string" },
  ["swarm.Info"] = {
    "NodeID string", "NodeAddr string", "LocalNodeState swarm.LocalNodeState", "ControlAvailable bool", "Error string",
    "RemoteManagers []swarm.Peer", "Nodes int ,omitempty", "Managers int ,omitempty",
    "Cluster *swarm.ClusterInfo ,omitempty", "Warnings []string ,omitempty",
  },
  ["swarm.ClusterInfo"] = {
    "ID string", "Version map[string]interface{}", "CreatedAt time.Time", "UpdatedAt time.Time", "Spec map[string]interface{}",
    "TLSInfo map[string]interface{}", "RootRotationInProgress bool", "DefaultAddrPool []string", "SubnetSize uint32",
    "DataPathPort uint32",
  },
  ["swarm.Peer"] = { "NodeID string", "Addr string" },
  ["swarm.LocalNodeState"] = "string",
  ["container.Isolation"] = "string",
  ["system.clientInfo"] = {
    "Debug bool", "clientVersion system.clientVersion .", "Plugins []system.Plugin", "Warnings []string",
  },
  ["system.Plugin"] = { "Name string ,omitempty" },
  ["system.clientVersion"] = {
    "Platform *system.platformInfo ,omitempty", "Version string ,omitempty", "APIVersion string ApiVersion,omitempty",
    "DefaultAPIVersion string ,omitempty", "GitCommit string ,omitempty", "GoVersion string ,omitempty", "Os string ,omitempty",
    "Arch string ,omitempty", "BuildTime string ,omitempty", "Context string",
  },
  ["system.platformInfo"] = { "Name string ,omitempty" },
  ["system.versionInfo"] = { "Client system.clientVersion", "Server *types.Version" },
  ["types.Version"] = {
    "Platform types.PlatformInfo", "Components []types.ComponentVersion ,omitempty", "Version string",
    "APIVersion string ApiVersion", "MinAPIVersion string ,omitempty", "GitCommit string", "GoVersion string", "Os string",
    "Arch string", "KernelVersion string ,omitempty", "Experimental bool ,omitempty", "BuildTime string ,omitempty",
  },
  ["types.PlatformInfo"] = { "Name string" },
  ["types.ComponentVersion"] = { "Name string", "Version string", "Details map[string]string ,omitempty" },
}

local made

---The types, made at the first use.
---@return core.template.Types
function M.get()
  made = made or require("core.template").types(SPEC)
  return made
end

return M
