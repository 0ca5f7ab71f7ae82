using System.Diagnostics;

namespace Fovea.Site;

/// <summary><c>dotnet run -c Release --project docs/site/Fovea.Site -- --out site</c>: writes the site, and fails if a link of it leads nowhere.</summary>
internal static class Program
{
    private const string Usage = "usage: Fovea.Site [--out FOLDER (site)] [--root CHECKOUT (found above the current folder)]";

    /// <summary>Builds; 0: all is well, 1: a link leads nowhere, 2: the command is wrong.</summary>
    /// <param name="arguments">The command line.</param>
    internal static int Main(string[] arguments)
    {
        string output = "site";
        string? root = Checkouts.Above(Directory.GetCurrentDirectory());
        for (int i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length || arguments[i] is not ("--out" or "--root")) return Fail(2, Usage);
            if (arguments[i] == "--out") output = arguments[i + 1];
            else root = Path.GetFullPath(arguments[i + 1]);
        }
        if (root is null || !File.Exists(Path.Combine(root, "README.md"))) return Fail(2, "There is no checkout with a README.md here; name it with --root.");
        if (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any() && !File.Exists(Path.Combine(output, SiteBuilder.Index)))
            return Fail(2, $"The folder {output} holds something else than a site.");

        long start = Stopwatch.GetTimestamp();
        SiteResult result = SiteBuilder.Build(root, output);
        foreach (string dead in result.Dead) Console.Error.WriteLine("dead link: " + dead);
        Console.WriteLine($"{result.Pages} pages, {result.Links} links and {result.References} references of comments checked, {result.Dead.Count} dead, "
            + $"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s: {Path.GetFullPath(Path.Combine(output, "index.html"))}");
        return result.Dead.Count == 0 ? 0 : 1;
    }

    private static int Fail(int code, string sentence)
    {
        Console.Error.WriteLine(sentence);
        return code;
    }
}
