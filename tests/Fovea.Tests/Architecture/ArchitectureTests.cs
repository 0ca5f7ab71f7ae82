using Fovea.Checkpoints;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Models.Graph;
using Fovea.Numerics;
using Fovea.Runs.Graph;
using Fovea.Visualization;
using Xunit;

namespace Fovea.Tests.Architecture;

/// <summary>The library keeps the rules of its shape.</summary>
public sealed class ArchitectureTests
{
    private static Type[] Library => typeof(FoveaException).Assembly.GetTypes();

    [Fact]
    public void A_room_knows_those_before_it_and_none_after_it() => Empty(Rules.NamespaceOrder(Library, "Fovea", Rules.Order));

    [Fact]
    public void Public_types_are_sealed_unless_something_derives_from_them() => Empty(Rules.Sealed(Library));

    [Fact]
    public void Derivatives_are_asked_for_in_one_place() => Empty(Rules.GuardedDerivatives(Library, typeof(Gradients)));

    /// <summary>What a network's file says about sizes and types may not reach the one function that ends the process.</summary>
    [Fact]
    public void Matrices_of_networks_are_multiplied_in_one_place() => Empty(Rules.GuardedProducts(
        Library.Where(type => type.Namespace == typeof(MatrixProduct).Namespace), typeof(MatrixProduct)));

    /// <summary>A named pipe in the place of a file would be waited for without an end.</summary>
    [Fact]
    public void Files_are_opened_for_reading_in_one_place() => Empty(Rules.GuardedFiles(
        Library, typeof(PlainFile),
        typeof(AtomicFile), typeof(ExclusiveFile), typeof(FolderLock), typeof(PictureSlots), // written
        typeof(BatchBudget), typeof(NativeHeap), typeof(ProcessIdentity), // of the system
        typeof(ClaimFile), // its own
        typeof(SafetensorsFile))); // mapped, after the guard

    [Fact]
    public void A_word_of_a_recipe_becomes_a_path_only_as_a_safe_name() =>
        Empty(Rules.SafePaths(Library, "Fovea.Runs.Settings", Rules.PathsOfTheUser));

    [Fact]
    public void No_object_without_a_type_reaches_a_document_or_a_stage_s_hash() =>
        Empty([
            .. Rules.AnonymousDocuments(Library), .. Rules.AnonymousObjects(Library),
            // Kinds of one record: what a stage is made from, and a variant of an autoencoder.
            .. Rules.UntypedDocuments(Library, typeof(StageInputs), typeof(VariantOptionsConverter)),
        ]);

    [Fact]
    public void Fast_paths_say_that_they_ran_and_tests_count_them() =>
        Empty(Rules.FastPaths(
            typeof(FastPath), Library, typeof(ArchitectureTests).Assembly.GetTypes()
                .Where(type => type.Namespace?.StartsWith("Fovea.Tests", StringComparison.Ordinal) == true)));

    [Fact]
    public void Whoever_chooses_a_fast_path_has_it_counted() => Empty(Rules.SilentChoices(
        Library,
        method => method.Name is "Serves" or "Supports" or "get_Fusible" or "get_PooledWeights" or "get_EndsEarly" or "get_IsHardwareAccelerated",
        method => method.DeclaringType == typeof(FastPaths) && method.Name == nameof(FastPaths.Ran)));

    private static void Empty(IEnumerable<string> violations)
    {
        string all = string.Join('\n', violations.Order(StringComparer.Ordinal));
        Assert.True(all.Length == 0, all);
    }
}
