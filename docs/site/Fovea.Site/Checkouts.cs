namespace Fovea.Site;

/// <summary>Where the sources are.</summary>
internal static class Checkouts
{
    /// <summary>The checkout that holds a folder.</summary>
    /// <param name="folder">Any folder.</param>
    /// <returns>The folder with the solution; null: none is above.</returns>
    public static string? Above(string folder)
    {
        for (DirectoryInfo? here = new(folder); here is not null; here = here.Parent)
            if (File.Exists(Path.Combine(here.FullName, "Fovea.slnx"))) return here.FullName;
        return null;
    }
}
