using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Checkout = Fovea.Tests.Shared.Checkout;

namespace Fovea.Cli.Tests;

/// <summary>A package that is restored for some project of the checkout.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Licence">Its licence, by SPDX's name.</param>
/// <param name="Says">Where that stands.</param>
/// <param name="Shipped">Whether the program or the library needs it, and not only tests and benchmarks.</param>
internal sealed record LicensedPackage(string Id, string Version, string Licence, string Says, bool Shipped);

/// <summary>The licences of all packages: which there are from the lock files, what each says from its own description.</summary>
internal static class LicencePage
{
    // Packages of before licences had names say an address; what lies there was read once, for this version.
    private static readonly Dictionary<string, string> ByAddress = new(StringComparer.Ordinal)
    {
        ["https://bitmiracle.github.io/libtiff.net/help/articles/license.html"] = "BSD-3-Clause",
        ["https://github.com/MiloszKrajewski/K4os.Compression.LZ4/blob/master/LICENSE?raw=true"] = "MIT",
    };

    /// <summary>All packages in the order of their names.</summary>
    public static IReadOnlyList<LicensedPackage> Packages()
    {
        string source = Path.Combine(Checkout.Root, "src");
        var all = new SortedDictionary<(string Id, string Version), bool>();
        foreach (string folder in (string[])["src", "tests", "bench"])
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(Checkout.Root, folder), "packages.lock.json", SearchOption.AllDirectories))
            {
                using var json = JsonDocument.Parse(File.ReadAllBytes(file));
                foreach (JsonProperty package in json.RootElement.GetProperty("dependencies").EnumerateObject()
                    .SelectMany(target => target.Value.EnumerateObject()).Where(package => package.Value.TryGetProperty("resolved", out _)))
                {
                    var key = (package.Name, package.Value.GetProperty("resolved").GetString()!);
                    all[key] = all.GetValueOrDefault(key) || file.StartsWith(source, StringComparison.Ordinal);
                }
            }
        }
        return [.. all.Select(pair => Of(pair.Key.Id, pair.Key.Version, pair.Value))];
    }

    /// <summary>The page below its marker.</summary>
    public static string Text(IReadOnlyList<LicensedPackage> packages)
    {
        var page = new StringBuilder();
        foreach ((string title, bool shipped) in ((string, bool)[])[("With the library, the command and the explorer", true), ("For tests and benchmarks alone", false)])
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n| package | version | licence | which says |\n|---|---|---|---|\n");
            foreach (LicensedPackage one in packages.Where(package => package.Shipped == shipped))
                page.Append(CultureInfo.InvariantCulture, $"| {one.Id} | {one.Version} | {one.Licence} | {one.Says} |\n");
        }
        return page.ToString();
    }

    private static LicensedPackage Of(string id, string version, bool shipped)
    {
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string name = id.ToLowerInvariant(), folder = Path.Combine(cache, name, version.ToLowerInvariant());
        XElement metadata = XDocument.Load(Path.Combine(folder, name + ".nuspec")).Root!.Elements().First(one => one.Name.LocalName == "metadata");
        string? Element(string element) => metadata.Elements().FirstOrDefault(one => one.Name.LocalName == element)?.Value;
        XElement? licence = metadata.Elements().FirstOrDefault(one => one.Name.LocalName == "license");
        return (string?)licence?.Attribute("type") switch
        {
            "expression" => new(id, version, licence!.Value, "the package", shipped),
            "file" => new(id, version, FromText(Path.Combine(folder, licence!.Value)), $"its file {licence.Value}", shipped),
            _ => new(id, version, ByAddress.GetValueOrDefault(Element("licenseUrl") ?? "", "unknown"), $"<{Element("licenseUrl")}>", shipped),
        };
    }

    private static string FromText(string file) => File.ReadLines(file).First().Trim() == "MIT License" ? "MIT" : "unknown";
}
