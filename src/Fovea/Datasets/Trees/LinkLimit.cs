namespace Fovea.Datasets;

/// <summary>Bounds what links unfold to: folders that link to each other in pairs double with every level.</summary>
internal static class LinkLimit
{
    private const int MostFolders = 1_000_000;
    private const int MostFiles = 50_000_000;
    private const int DeepestFolder = 1000;

    /// <summary>Throws where links have unfolded to more than any dataset holds.</summary>
    /// <exception cref="FoveaException">They have.</exception>
    public static void Require(int folders, int files, string where)
    {
        if (folders > MostFolders || files > MostFiles)
            throw FoveaException.BadData(
                $"The links in {where} unfold to more than {folders:N0} linked folders and {files:N0} files: they point at each other.");
    }

    /// <summary>Throws where folders lie deeper in each other than any file system allows.</summary>
    /// <exception cref="FoveaException">They do.</exception>
    public static void RequireDepth(int depth, string where)
    {
        if (depth > DeepestFolder) throw FoveaException.BadData($"{where} has folders more than {DeepestFolder} deep in each other.");
    }
}
