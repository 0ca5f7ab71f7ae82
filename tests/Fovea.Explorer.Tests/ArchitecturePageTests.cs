using System.Reflection;
using System.Text.RegularExpressions;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>
/// The ways of one image and one vector in docs/reference/architecture.md name what is there, and are shorter than they were.
/// </summary>
public sealed partial class ArchitecturePageTests
{
    [Theory]
    [InlineData("## One image", 19)]
    [InlineData("## One vector", 20)]
    public void The_types_of_a_way_exist_and_the_way_is_shorter_than_it_was(string heading, int before)
    {
        string page = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "reference", "architecture.md"));
        string[] hops =
            [.. page[(page.IndexOf(heading, StringComparison.Ordinal) + heading.Length)..].Split("\n## ")[0].Split('\n')
                .Where(line => Hop().IsMatch(line))];
        Assert.InRange(hops.Length, 10, before - 1);
        Assembly[] assemblies = [typeof(FoveaException).Assembly, typeof(ReportBuilder).Assembly];
        HashSet<string> types = [.. assemblies.SelectMany(assembly => assembly.GetTypes()).Select(type => type.Name)];
        string[] named = [.. hops.Select(line => Type().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value)];
        Assert.True(named.Length > hops.Length / 2);
        Assert.All(named, name => Assert.Contains(name, types));
    }

    [GeneratedRegex(@"^\d+\. ")]
    private static partial Regex Hop();

    [GeneratedRegex(@"^\d+\. `([A-Z]\w+)`")]
    private static partial Regex Type();
}
