-- The Go types into which docker CLI 28 decodes what it inspects: members in their order, absent ones with their
-- zero value. Behind `inspect --format`, so that {{json .State}} and {{.State}} print as docker's do.
-- "Name type [json name[,omitempty]]"; see core.template.types. Source: moby v28 api/types.
local M = {}

local SPEC = {
  ["container.InspectResponse"] = {
    "ContainerJSONBase *container.ContainerJSONBase .", "Mounts []container.MountPoint", "Config *container.Config",
    "NetworkSettings *container.NetworkSettings", "ImageManifestDescriptor *v1.Descriptor ,omitempty",
  },
  ["container.ContainerJSONBase"] = {
    "ID string Id", "Created string", "Path string", "Args []string", "State *container.State", "Image string",
    "ResolvConfPath string", "HostnamePath string", "HostsPath string", "LogPath string", "Name string", "RestartCount int",
    "Driver string", "Platform string", "MountLabel string", "ProcessLabel string", "AppArmorProfile string", "ExecIDs []string",
    "HostConfig *container.HostConfig", "GraphDriver storage.DriverData", "SizeRw *int64 ,omitempty",
    "SizeRootFs *int64 ,omitempty",
  },
  ["container.State"] = {
    "Status string", "Running bool", "Paused bool", "Restarting bool", "OOMKilled bool", "Dead bool", "Pid int", "ExitCode int",
    "Error string", "StartedAt string", "FinishedAt string", "Health *container.Health ,omitempty",
  },
  ["container.Health"] = { "Status string", "FailingStreak int", "Log []*container.HealthcheckResult" },
  ["container.HealthcheckResult"] = { "Start time.Time", "End time.Time", "ExitCode int", "Output string" },
  ["container.HostConfig"] = {
    "Binds []string", "ContainerIDFile string", "LogConfig container.LogConfig", "NetworkMode container.NetworkMode",
    "PortBindings nat.PortMap", "RestartPolicy container.RestartPolicy", "AutoRemove bool", "VolumeDriver string",
    "VolumesFrom []string", "ConsoleSize [2]uint", "Annotations map[string]string ,omitempty", "CapAdd strslice.StrSlice",
    "CapDrop strslice.StrSlice", "CgroupnsMode container.CgroupnsMode", "DNS []string Dns", "DNSOptions []string DnsOptions",
    "DNSSearch []string DnsSearch", "ExtraHosts []string", "GroupAdd []string", "IpcMode container.IpcMode",
    "Cgroup container.CgroupSpec", "Links []string", "OomScoreAdj int", "PidMode container.PidMode", "Privileged bool",
    "PublishAllPorts bool", "ReadonlyRootfs bool", "SecurityOpt []string", "StorageOpt map[string]string ,omitempty",
    "Tmpfs map[string]string ,omitempty", "UTSMode container.UTSMode", "UsernsMode container.UsernsMode", "ShmSize int64",
    "Sysctls map[string]string ,omitempty", "Runtime string ,omitempty", "Isolation container.Isolation",
    "Resources container.Resources .", "Mounts []mount.Mount ,omitempty", "MaskedPaths []string", "ReadonlyPaths []string",
    "Init *bool ,omitempty",
  },
  ["container.LogConfig"] = { "Type string", "Config map[string]string" },
  ["nat.PortBinding"] = { "HostIP string HostIp", "HostPort string" },
  ["container.RestartPolicy"] = { "Name container.RestartPolicyMode", "MaximumRetryCount int" },
  ["container.Resources"] = {
    "CPUShares int64 CpuShares", "Memory int64", "NanoCPUs int64 NanoCpus", "CgroupParent string", "BlkioWeight uint16",
    "BlkioWeightDevice []*blkiodev.WeightDevice", "BlkioDeviceReadBps []*blkiodev.ThrottleDevice",
    "BlkioDeviceWriteBps []*blkiodev.ThrottleDevice", "BlkioDeviceReadIOps []*blkiodev.ThrottleDevice",
    "BlkioDeviceWriteIOps []*blkiodev.ThrottleDevice", "CPUPeriod int64 CpuPeriod", "CPUQuota int64 CpuQuota",
    "CPURealtimePeriod int64 CpuRealtimePeriod", "CPURealtimeRuntime int64 CpuRealtimeRuntime", "CpusetCpus string",
    "CpusetMems string", "Devices []container.DeviceMapping", "DeviceCgroupRules []string",
    "DeviceRequests []container.DeviceRequest", "KernelMemory int64 ,omitempty", "KernelMemoryTCP int64 ,omitempty",
    "MemoryReservation int64", "MemorySwap int64", "MemorySwappiness *int64", "OomKillDisable *bool", "PidsLimit *int64",
    "Ulimits []*units.Ulimit", "CPUCount int64 CpuCount", "CPUPercent int64 CpuPercent", "IOMaximumIOps uint64",
    "IOMaximumBandwidth uint64",
  },
  ["blkiodev.WeightDevice"] = { "Path string", "Weight uint16" },
  ["blkiodev.ThrottleDevice"] = { "Path string", "Rate uint64" },
  ["container.DeviceMapping"] = { "PathOnHost string", "PathInContainer string", "CgroupPermissions string" },
  ["container.DeviceRequest"] = {
    "Driver string", "Count int", "DeviceIDs []string", "Capabilities [][]string", "Options map[string]string",
  },
  ["units.Ulimit"] = { "Name string", "Hard int64", "Soft int64" },
  ["mount.Mount"] = {
    "Type mount.Type ,omitempty", "Source string ,omitempty", "Target string ,omitempty", "ReadOnly bool ,omitempty",
    "Consistency mount.Consistency ,omitempty", "BindOptions *mount.BindOptions ,omitempty",
    "VolumeOptions *mount.VolumeOptions ,omitempty", "ImageOptions *mount.ImageOptions ,omitempty",
    "TmpfsOptions *mount.TmpfsOptions ,omitempty", "ClusterOptions *mount.ClusterOptions ,omitempty",
  },
  ["mount.BindOptions"] = {
    "Propagation mount.Propagation ,omitempty", "NonRecursive bool ,omitempty", "CreateMountpoint bool ,omitempty",
    "ReadOnlyNonRecursive bool ,omitempty", "ReadOnlyForceRecursive bool ,omitempty",
  },
  ["mount.VolumeOptions"] = {
    "NoCopy bool ,omitempty", "Labels map[string]string ,omitempty", "Subpath string ,omitempty",
    "DriverConfig *mount.Driver ,omitempty",
  },
  ["mount.Driver"] = { "Name string ,omitempty", "Options map[string]string ,omitempty" },
  ["mount.ImageOptions"] = { "Subpath string ,omitempty" },
  ["mount.TmpfsOptions"] = { "SizeBytes int64 ,omitempty", "Mode fs.FileMode ,omitempty", "Options [][]string ,omitempty" },
  ["storage.DriverData"] = { "Data map[string]string", "Name string" },
  ["container.MountPoint"] = {
    "Type mount.Type ,omitempty", "Name string ,omitempty", "Source string", "Destination string", "Driver string ,omitempty",
    "Mode string", "RW bool", "Propagation mount.Propagation",
  },
  ["container.Config"] = {
    "Hostname string", "Domainname string", "User string", "AttachStdin bool", "AttachStdout bool", "AttachStderr bool",
    "ExposedPorts nat.PortSet ,omitempty", "Tty bool", "OpenStdin bool", "StdinOnce bool", "Env []string", "Cmd strslice.StrSlice",
    "Healthcheck *v1.HealthcheckConfig ,omitempty", "ArgsEscaped bool ,omitempty", "Image string", "Volumes map[string]struct{}",
    "WorkingDir string", "Entrypoint strslice.StrSlice", "NetworkDisabled bool ,omitempty", "MacAddress string ,omitempty",
    "OnBuild []string", "Labels map[string]string", "StopSignal string ,omitempty", "StopTimeout *int ,omitempty",
    "Shell strslice.StrSlice ,omitempty",
  },
  ["v1.HealthcheckConfig"] = {
    "Test []string ,omitempty", "Interval time.Duration ,omitempty", "Timeout time.Duration ,omitempty",
    "StartPeriod time.Duration ,omitempty", "StartInterval time.Duration ,omitempty", "Retries int ,omitempty",
  },
  ["container.NetworkSettings"] = {
    "NetworkSettingsBase container.NetworkSettingsBase .", "DefaultNetworkSettings container.DefaultNetworkSettings .",
    "Networks map[string]*network.EndpointSettings",
  },
  ["container.NetworkSettingsBase"] = {
    "Bridge string", "SandboxID string", "SandboxKey string", "Ports nat.PortMap", "HairpinMode bool",
    "LinkLocalIPv6Address string", "LinkLocalIPv6PrefixLen int", "SecondaryIPAddresses []network.Address",
    "SecondaryIPv6Addresses []network.Address",
  },
  ["network.Address"] = { "Addr string", "PrefixLen int" },
  ["container.DefaultNetworkSettings"] = {
    "EndpointID string", "Gateway string", "GlobalIPv6Address string", "GlobalIPv6PrefixLen int", "IPAddress string",
    "IPPrefixLen int", "IPv6Gateway string", "MacAddress string",
  },
  ["network.EndpointSettings"] = {
    "IPAMConfig *network.EndpointIPAMConfig", "Links []string", "Aliases []string", "MacAddress string",
    "DriverOpts map[string]string", "GwPriority int", "NetworkID string", "EndpointID string", "Gateway string", "IPAddress string",
    "IPPrefixLen int", "IPv6Gateway string", "GlobalIPv6Address string", "GlobalIPv6PrefixLen int", "DNSNames []string",
  },
  ["network.EndpointIPAMConfig"] = {
    "IPv4Address string ,omitempty", "IPv6Address string ,omitempty", "LinkLocalIPs []string ,omitempty",
  },
  ["v1.Descriptor"] = {
    "MediaType string mediaType", "Digest digest.Digest digest", "Size int64 size", "URLs []string urls,omitempty",
    "Annotations map[string]string annotations,omitempty", "Data []uint8 data,omitempty",
    "Platform *v1.Platform platform,omitempty", "ArtifactType string artifactType,omitempty",
  },
  ["v1.Platform"] = {
    "Architecture string architecture", "OS string os", "OSVersion string os.version,omitempty",
    "OSFeatures []string os.features,omitempty", "Variant string variant,omitempty",
  },
  ["image.InspectResponse"] = {
    "ID string Id", "RepoTags []string", "RepoDigests []string", "Parent string", "Comment string", "Created string ,omitempty",
    "Container string ,omitempty", "ContainerConfig *container.Config ,omitempty", "DockerVersion string", "Author string",
    "Config *v1.DockerOCIImageConfig", "Architecture string", "Variant string ,omitempty", "Os string",
    "OsVersion string ,omitempty", "Size int64", "VirtualSize int64 ,omitempty", "GraphDriver storage.DriverData",
    "RootFS image.RootFS", "Metadata image.Metadata", "Descriptor *v1.Descriptor ,omitempty",
    "Manifests []image.ManifestSummary ,omitempty",
  },
  ["v1.DockerOCIImageConfig"] = { "ImageConfig v1.ImageConfig .", "DockerOCIImageConfigExt v1.DockerOCIImageConfigExt ." },
  ["v1.ImageConfig"] = {
    "User string ,omitempty", "ExposedPorts map[string]struct{} ,omitempty", "Env []string ,omitempty",
    "Entrypoint []string ,omitempty", "Cmd []string ,omitempty", "Volumes map[string]struct{} ,omitempty",
    "WorkingDir string ,omitempty", "Labels map[string]string ,omitempty", "StopSignal string ,omitempty",
    "ArgsEscaped bool ,omitempty",
  },
  ["v1.DockerOCIImageConfigExt"] = {
    "Healthcheck *v1.HealthcheckConfig ,omitempty", "OnBuild []string ,omitempty", "Shell []string ,omitempty",
  },
  ["image.RootFS"] = { "Type string ,omitempty", "Layers []string ,omitempty" },
  ["image.Metadata"] = { "LastTagTime time.Time" },
  ["image.ManifestSummary"] = {
    "ID string", "Descriptor v1.Descriptor", "Available bool", "Size image.manifestSize", "Kind image.ManifestKind",
    "ImageData *image.ImageProperties ,omitempty", "AttestationData *image.AttestationProperties ,omitempty",
  },
  ["image.ImageProperties"] = { "Platform v1.Platform", "Size image.unpackedSize", "Containers []string" },
  ["image.AttestationProperties"] = { "For digest.Digest" },
  ["volume.Volume"] = {
    "ClusterVolume *volume.ClusterVolume ,omitempty", "CreatedAt string ,omitempty", "Driver string", "Labels map[string]string",
    "Mountpoint string", "Name string", "Options map[string]string", "Scope string", "Status map[string]interface{} ,omitempty",
    "UsageData *volume.UsageData ,omitempty",
  },
  ["volume.UsageData"] = { "RefCount int64", "Size int64" },
  ["network.Inspect"] = {
    "Name string", "ID string Id", "Created time.Time", "Scope string", "Driver string", "EnableIPv4 bool", "EnableIPv6 bool",
    "IPAM network.IPAM", "Internal bool", "Attachable bool", "Ingress bool", "ConfigFrom network.ConfigReference",
    "ConfigOnly bool", "Containers map[string]network.EndpointResource", "Options map[string]string", "Labels map[string]string",
    "Peers []network.PeerInfo ,omitempty", "Services map[string]network.ServiceInfo ,omitempty",
  },
  ["network.IPAM"] = { "Driver string", "Options map[string]string", "Config []network.IPAMConfig" },
  ["network.IPAMConfig"] = {
    "Subnet string ,omitempty", "IPRange string ,omitempty", "Gateway string ,omitempty",
    "AuxAddress map[string]string AuxiliaryAddresses,omitempty",
  },
  ["network.ConfigReference"] = { "Network string" },
  ["network.EndpointResource"] = {
    "Name string", "EndpointID string", "MacAddress string", "IPv4Address string", "IPv6Address string",
  },
  ["network.PeerInfo"] = { "Name string", "IP string" },
  ["network.ServiceInfo"] = { "VIP string", "Ports []string", "LocalLBIndex int", "Tasks []network.Task" },
  ["network.Task"] = { "Name string", "EndpointID string", "EndpointIP string", "Info map[string]string" },
  ["image.manifestSize"] = { "Content int64", "Total int64" },
  ["image.unpackedSize"] = { "Unpacked int64" },
  ["volume.ClusterVolume"] = { "ID string" },
  ["mount.ClusterOptions"] = {},
  ["container.CgroupSpec"] = "string",
  ["container.CgroupnsMode"] = "string",
  ["container.IpcMode"] = "string",
  ["container.Isolation"] = "string",
  ["container.NetworkMode"] = "string",
  ["container.PidMode"] = "string",
  ["container.RestartPolicyMode"] = "string",
  ["container.UTSMode"] = "string",
  ["container.UsernsMode"] = "string",
  ["digest.Digest"] = "string",
  ["fs.FileMode"] = "uint32",
  ["image.ManifestKind"] = "string",
  ["mount.Consistency"] = "string",
  ["mount.Propagation"] = "string",
  ["mount.Type"] = "string",
  ["nat.Port"] = "string",
  ["nat.PortMap"] = "map[nat.Port][]nat.PortBinding",
  ["nat.PortSet"] = "map[nat.Port]struct{}",
  ["strslice.StrSlice"] = "[]string",
}

---Go type names by kind of object.
M.names = {
  container = "container.InspectResponse", image = "image.InspectResponse", network = "network.Inspect", volume = "volume.Volume",
}

local made

---The types, made at the first use.
---@return core.template.Types
function M.get()
  made = made or require("core.template").types(SPEC)
  return made
end

return M
