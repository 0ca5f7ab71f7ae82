using System.Text;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace Fovea.Fuzz.Coverage;

/// <summary>
/// Writes copies of assemblies that note in <see cref="CoverageMap.Hits"/> which blocks of them run. A block begins where a method, a
/// handler or the target of a jump does, and after a jump that may not be taken. Nothing else is changed.
/// </summary>
internal static class Instrumentation
{
    /// <summary>The list of blocks beside the copies: of each the full name of its type.</summary>
    public const string BlocksFile = "blocks.txt";

    /// <summary>Copies a program's folder with some of its assemblies instrumented; what is native is linked to.</summary>
    public static void Copy(string from, string to, IReadOnlyList<string> assemblies)
    {
        Directory.CreateDirectory(to);
        foreach (string folder in Directory.GetDirectories(from))
            Directory.CreateSymbolicLink(Path.Combine(to, Path.GetFileName(folder)), folder);
        var blocks = new StringBuilder();
        int next = 0;
        foreach (string file in Directory.GetFiles(from))
        {
            string name = Path.GetFileName(file), copy = Path.Combine(to, name);
            if (assemblies.Contains(name)) Write(file, copy, from, blocks, ref next);
            else if (name.EndsWith(".dll", StringComparison.Ordinal) || name.EndsWith(".json", StringComparison.Ordinal)) File.Copy(file, copy);
            else File.CreateSymbolicLink(copy, file);
        }
        File.WriteAllText(Path.Combine(to, BlocksFile), blocks.ToString());
    }

    private static void Write(string from, string to, string folder, StringBuilder blocks, ref int next)
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(folder);
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        using ModuleDefinition module = ModuleDefinition.ReadModule(from, new ReaderParameters { AssemblyResolver = resolver, InMemory = true });
        FieldReference hits = module.ImportReference(typeof(CoverageMap).GetField(nameof(CoverageMap.Hits)));
        foreach (TypeDefinition type in module.GetTypes())
        {
            foreach (MethodDefinition method in type.Methods)
            {
                if (!method.HasBody || method.Body.Instructions.Count == 0) continue;
                method.Body.SimplifyMacros();
                foreach (Instruction start in Starts(method.Body))
                {
                    Mark(method.Body, start, hits, next++);
                    blocks.Append(type.FullName).Append('\n');
                }
                method.Body.OptimizeMacros();
            }
        }
        if (next > CoverageMap.Most) throw new InvalidOperationException($"{next} blocks are more than there is room for.");
        module.Write(to);
    }

    private static HashSet<Instruction> Starts(MethodBody body)
    {
        HashSet<Instruction> starts = [body.Instructions[0]];
        foreach (Instruction one in body.Instructions)
        {
            if (one.Operand is Instruction target) starts.Add(target);
            if (one.Operand is Instruction[] targets) starts.UnionWith(targets);
            if (one.OpCode.FlowControl == FlowControl.Cond_Branch && one.Next is { } next) starts.Add(next);
        }
        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            starts.Add(handler.HandlerStart);
            if (handler.FilterStart is { } filter) starts.Add(filter);
        }
        return starts;
    }

    // The first instruction becomes the mark's first, so that jumps and handlers that name it need no change; its old self follows the mark.
    private static void Mark(MethodBody body, Instruction start, FieldReference hits, int block)
    {
        Instruction old = Instruction.Create(OpCodes.Nop);
        (old.OpCode, old.Operand) = (start.OpCode, start.Operand);
        (start.OpCode, start.Operand) = (OpCodes.Ldsfld, hits);
        ILProcessor il = body.GetILProcessor();
        Instruction at = start;
        foreach (Instruction one in (Instruction[])
            [Instruction.Create(OpCodes.Ldc_I4, block), Instruction.Create(OpCodes.Ldc_I4_1), Instruction.Create(OpCodes.Stelem_I1), old])
        {
            il.InsertAfter(at, one);
            at = one;
        }
    }
}
