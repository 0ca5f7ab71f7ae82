using System.IO.Compression;
using System.Xml.Linq;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Package.Tests;

/// <summary>A project outside the checkout that names the package and nothing else.</summary>
public sealed class LibraryPackageTests(PackedFeed feed)
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
            <StartupObject>Programs.Start</StartupObject>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Fovea" Version="VERSION" />
          </ItemGroup>
        </Project>
        """;

    /// <summary>
    /// One program for all pieces of C#: each becomes a class of its own with the piece as its body, chosen by its number.
    /// </summary>
    [Fact]
    public void Every_piece_of_CSharp_in_the_documentation_compiles_and_runs_from_the_package()
    {
        string folder = feed.NewFolder("snippets");
        IReadOnlyList<Snippet> snippets = Snippets.All(Checkout.Root);
        Snippet[] programs = [.. snippets.Where(snippet => snippet.Kind.Length == 0)];
        Assert.NotEmpty(programs);
        Assert.All(snippets, snippet => Assert.Contains(snippet.Kind, (string[])["", "file"]));

        File.WriteAllText(Path.Combine(folder, "Snippets.csproj"), Project.Replace("VERSION", feed.Version, StringComparison.Ordinal));
        for (int i = 0; i < snippets.Count; i++)
            File.WriteAllText(
                Path.Combine(folder, $"Snippet{i}.cs"), snippets[i].Kind == "file"
                    ? snippets[i].Code : AsClass(snippets[i], Array.IndexOf(programs, snippets[i])));
        File.WriteAllText(Path.Combine(folder, "Start.cs"), $$"""
            namespace Programs;
            internal static class Start
            {
                private static void Main(string[] arguments)
                {
                    System.Action[] all = [{{string.Join(", ", programs.Select((_, i) => $"Program{i}.Run"))}}];
                    all[int.Parse(arguments[0])]();
                }
            }
            """);
        var built = feed.Run(folder, "dotnet", "build", "-c", "Release");
        Assert.True(built.Code == 0, Named(built.Output, snippets));
        Assert.Contains(
            "\"System.GC.LOHThreshold\": 67108864",
                File.ReadAllText(Path.Combine(folder, "bin", "Release", "net10.0", "Snippets.runtimeconfig.json")),
                    StringComparison.Ordinal);
        for (int i = 0; i < programs.Length; i++)
        {
            string work = feed.NewFolder($"snippet-{i}");
            var ran = feed.Run(work, "dotnet", Path.Combine(folder, "bin", "Release", "net10.0", "Snippets.dll"), $"{i}");
            Assert.True(ran.Code == 0, $"{programs[i].Page}:{programs[i].Line} ended with {ran.Code}:\n{ran.Output}");
        }
    }

    /// <summary>The property that asks for CUDA without its package: the build says the line to add.</summary>
    [Fact]
    public void CUDA_without_its_package_is_refused_by_the_build_with_what_to_add()
    {
        string folder = feed.NewFolder("cuda");
        File.WriteAllText(Path.Combine(folder, "Cuda.csproj"), Project.Replace("VERSION", feed.Version, StringComparison.Ordinal));
        File.WriteAllText(
            Path.Combine(folder, "Start.cs"), "namespace Programs; internal static class Start { private static void Main() { } }");
        var built = feed.Run(folder, "dotnet", "build", "-c", "Release", "-p:FoveaTorch=cuda");
        Assert.NotEqual(0, built.Code);
        Assert.Contains("add TorchSharp-cuda-linux or TorchSharp-cuda-windows", built.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_package_carries_its_licence_readme_documentation_and_symbols()
    {
        Assert.SkipWhen(feed.NoFeed is not null, feed.NoFeed ?? "");
        using var package = ZipFile.OpenRead(Path.Combine(feed.Feed, $"Fovea.{feed.Version}.nupkg"));
        string[] names = [.. package.Entries.Select(entry => entry.FullName)];
        string[] expected =
        [
            "README.md", "LICENSE", "THIRD-PARTY-NOTICES.md", "licenses/TorchSharp.txt", "lib/net10.0/Fovea.Core.dll",
                "lib/net10.0/Fovea.Core.xml",
            "buildTransitive/Fovea.targets", "buildTransitive/linux-x64/libLibTorchSharp.so",
        ];
        Assert.All(expected, name => Assert.Contains(name, names));
        using var stream = package.GetEntry("Fovea.nuspec")!.Open();
        XElement metadata = XDocument.Load(stream).Root!.Elements().Single();
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("README.md", Value("readme"));
        var dependencies = metadata.Descendants().Where(element => element.Name.LocalName == "dependency")
            .ToDictionary(one => (string)one.Attribute("id")!, one => (string)one.Attribute("version")!);
        Assert.Equal("[0.107.0, 0.107.0]", dependencies["TorchSharp"].Replace("[0.107.0]", "[0.107.0, 0.107.0]", StringComparison.Ordinal));
        Assert.Contains(dependencies.Keys, name => name.StartsWith("libtorch-cpu-", StringComparison.Ordinal));
        using var symbols = ZipFile.OpenRead(Path.Combine(feed.Feed, $"Fovea.{feed.Version}.snupkg"));
        Assert.Contains("lib/net10.0/Fovea.Core.pdb", symbols.Entries.Select(entry => entry.FullName));

        string Value(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
    }

    /// <summary>Imports stay where they are, the rest becomes a method: what a program of top-level statements is.</summary>
    private static string AsClass(Snippet snippet, int number)
    {
        string[] lines = snippet.Code.Split('\n');
        string[] imports =
            [.. lines.Where(
                line => line.StartsWith("using Fovea", StringComparison.Ordinal)
                    || line.StartsWith("using TorchSharp", StringComparison.Ordinal))];
        return $$"""
            {{string.Join('\n', imports)}}
            namespace Programs;
            internal static class Program{{number}}
            {
                public static void Run()
                {
            #line 1 "snippet-{{snippet.Page.Replace('\\', '/')}}-{{snippet.Line}}"
            {{string.Join('\n', lines.Where(line => !imports.Contains(line)))}}
            #line default
                }
            }
            """;
    }

    private static string Named(string output, IReadOnlyList<Snippet> snippets) =>
        string.Join('\n', snippets.Select((snippet, i) => $"Snippet{i}.cs is {snippet.Page}:{snippet.Line}")) + "\n" + output;
}
