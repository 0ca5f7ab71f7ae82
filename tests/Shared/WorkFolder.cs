namespace Fovea.Tests.Shared;

/// <summary>Folders of tests that write the same run again and again.</summary>
public static class WorkFolder
{
    private const string Memory = "/dev/shm";
    private const long Enough = 4L << 30;

    /// <summary>
    /// A new folder, in main memory where the system has a file system there with room: each file of a run is flushed to the disk before
    /// it gets its name, and a disk that others use too takes many times as long for that as the work itself. What is tested (which files
    /// are there at which moment, and their bytes) does not depend on it.
    /// </summary>
    /// <param name="prefix">What its name begins with.</param>
    public static string Create(string prefix) => OperatingSystem.IsLinux() && HasRoom()
        ? Directory.CreateDirectory(Path.Combine(Memory, prefix + Path.GetRandomFileName())).FullName
        : Directory.CreateTempSubdirectory(prefix).FullName;

    private static bool HasRoom()
    {
        try
        {
            var drive = new DriveInfo(Memory);
            return drive.IsReady && drive.DriveFormat == "tmpfs" && drive.AvailableFreeSpace >= Enough
                && GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >= 2 * Enough;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
