using System.Globalization;
using Fovea.Tests.Shared;
using Xunit;

[assembly: AssemblyFixture(typeof(Fovea.Package.Tests.PackedFeed))]

namespace Fovea.Package.Tests;

/// <summary>
/// A folder outside the checkout with a feed of both packages, as <c>dotnet pack</c> makes them, and an empty package cache; what is in the
/// machine's cache already (libtorch) is used from there and not copied. Packed once for all tests, under a version of its own.
/// </summary>
public sealed class PackedFeed : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-package-").FullName;

    public PackedFeed()
    {
        Directory.CreateDirectory(Feed);
        File.WriteAllText(Path.Combine(_root, "nuget.config"), $"""
            <configuration>
              <packageSources><add key="packed" value="{Feed}" /></packageSources>
            </configuration>
            """);
        foreach (string project in (string[])["Fovea", "Fovea.Cli"])
        {
            var packed = CommandLine.Run(
                Checkout.Root, new Dictionary<string, string>(), "dotnet", "pack", Path.Combine("src", project), "-c", "Release", "-o",
                    Feed,
                    $"-p:PackageVersion={Version}");
            if (packed.Code == 0) continue;
            if (packed.Output.Contains("NU1301", StringComparison.Ordinal))
                NoFeed = "needs a NuGet feed that answers, or packages in the cache";
            else throw new InvalidOperationException($"dotnet pack src/{project} failed:\n{packed.Output}");
        }
    }

    /// <summary>The packages' version: none that any cache holds.</summary>
    public string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"0.1.0-test.{DateTime.UtcNow.Ticks}");

    /// <summary>Why the tests cannot run; null where they can.</summary>
    public string? NoFeed { get; }

    /// <summary>Where the packages are.</summary>
    public string Feed => Path.Combine(_root, "feed");

    /// <summary>A new folder beside the feed.</summary>
    public string NewFolder(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    /// <summary>Runs a command with the feed's own package cache; skips the test where no feed answers.</summary>
    internal Finished Run(string folder, string program, params string[] arguments)
    {
        Assert.SkipWhen(NoFeed is not null, NoFeed ?? "");
        string shared = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var environment = new Dictionary<string, string> { ["NUGET_PACKAGES"] = Path.Combine(_root, "cache") };
        if (Directory.Exists(shared)) environment["NUGET_FALLBACK_PACKAGES"] = shared;
        return CommandLine.Run(folder, environment, program, arguments);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
