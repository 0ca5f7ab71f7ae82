using Fovea.Explorer;
using Fovea.Tests.Architecture;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>What stands on the library keeps the rules of its shape.</summary>
public sealed class ArchitectureTests
{
    [Fact]
    public void The_pages_ask_a_reader_for_all_that_they_show_of_a_run()
    {
        // What a browser sends is no part of a run.
        Type[] pages = [.. typeof(ReportBuilder).Assembly.GetTypes()
            .Where(type => type.FullName?.StartsWith("Fovea.Explorer.Server.RequestBody", StringComparison.Ordinal) != true)];
        string all = string.Join(
            '\n', Rules.ReadsThroughReaders(pages, pages.Single(type => type.Name == "ReportFolder")).Order(StringComparer.Ordinal));
        Assert.True(all.Length == 0, all);
    }

    [Fact]
    public void Commands_and_pages_make_no_object_without_a_type() =>
        Assert.Empty(
            new[] { typeof(ReportBuilder).Assembly, typeof(FoveaApplication).Assembly }.SelectMany(
                assembly => Rules.AnonymousObjects(assembly.GetTypes()).Concat(Rules.AnonymousDocuments(assembly.GetTypes()))));

    /// <summary>The library's types are among them: words go through it.</summary>
    [Fact]
    public void A_word_of_a_recipe_becomes_a_path_of_commands_and_pages_only_as_a_safe_name() =>
        Empty(Rules.SafePaths([.. typeof(FoveaException).Assembly.GetTypes(), .. Above], "Fovea.Runs.Settings", Rules.PathsOfTheUser));

    /// <summary>Names of layers and dictionaries as a run has them, ids of images, whatever stands in documents: a run may be anybody's.</summary>
    [Fact]
    public void A_word_of_a_run_becomes_a_path_of_commands_and_pages_only_as_a_safe_name() =>
        Empty(Rules.SafePaths(Above, "Fovea.Documents"));

    private static Type[] Above => [.. typeof(ReportBuilder).Assembly.GetTypes(), .. typeof(FoveaApplication).Assembly.GetTypes()];

    private static void Empty(IEnumerable<string> violations)
    {
        string all = string.Join('\n', violations.Order(StringComparer.Ordinal));
        Assert.True(all.Length == 0, all);
    }
}
