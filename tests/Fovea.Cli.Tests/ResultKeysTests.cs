using System.Reflection;
using System.Text.Json;
using Fovea.Cli.Results;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>What <c>--json</c> holds, as the reference page says it.</summary>
public sealed class ResultKeysTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "reference", "commands.md"));

    private static IEnumerable<Type> Results =>
        typeof(ICommandResult).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(ICommandResult)) && !type.IsInterface);

    public static TheoryData<Type> Types => [.. Results];

    [Theory, MemberData(nameof(Types))]
    public void The_reference_page_names_every_key(Type type)
    {
        string cell = (string)typeof(ResultKeysTests).GetMethod(
            nameof(CommandOf), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, null)!;
        string row = Assert.Single(Page.Split('\n'), line => line.StartsWith($"| {cell} |", StringComparison.Ordinal));
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            Assert.Matches($"`{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}[`\\[{{]", row);
    }

    [Fact]
    public void Every_row_of_the_table_is_a_result()
    {
        string table = Page.Split("## What `--json` holds")[1].Split("Every command has")[0];
        Assert.Equal(Results.Count(), table.Split('\n').Count(line => line.StartsWith("| `", StringComparison.Ordinal)));
    }

    private static string CommandOf<TResult>()
        where TResult : ICommandResult => TResult.Command;
}
